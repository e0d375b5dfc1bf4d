"""Form fields that more than one subject uses."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone

__all__ = [
    "NUL",
    "DayField",
    "IdsField",
    "MinuteField",
    "TextField",
    "replaced",
    "storable",
]

NUL, REPLACEMENT = "\x00", "\ufffd"


class TextField(forms.CharField):
    """Text as people type it: lines end in LF, and a NUL, which cannot be kept, becomes U+FFFD."""

    def to_python(self, value: Any) -> str | None:
        """Tidy before the validators refuse; browsers send every line end as CR LF."""
        text = super().to_python(value)
        return storable(text.replace("\r\n", "\n")) if text else text

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare texts as they would be kept: a page shown and sent back changes nothing."""
        return (self.to_python(initial) or "") != (self.to_python(data) or "")


def storable(text: str) -> str:
    """Replace what no database keeps by U+FFFD (Z3)."""
    return text.replace(NUL, REPLACEMENT)


def replaced(form: forms.BaseForm) -> int:
    """Count the characters that the form's texts came with and that could not be kept (Z3)."""
    texts = (name for name, field in form.fields.items() if isinstance(field, TextField))
    return sum(str(form.data.get(form.add_prefix(name), "")).count(NUL) for name in texts)


class MinuteField(forms.DateTimeField):
    """A local time to the minute; seconds that a page cannot show count as unchanged."""

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare what the page showed with what came back."""
        if isinstance(initial, datetime):
            aware = timezone.is_aware(initial)
            local = timezone.localtime(initial) if aware else initial
            return local.strftime("%Y-%m-%dT%H:%M") != (data or "")
        return super().has_changed(initial, data)


class DayField(forms.DateField):
    """A day, with the browser's own calendar."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class IdsField(forms.TypedMultipleChoiceField):
    """Ids of any rows; which of them exist and may be changed is the action's matter."""

    def __init__(self, **kwargs: Any) -> None:
        """Give whole numbers."""
        super().__init__(coerce=int, **kwargs)

    def valid_value(self, value: Any) -> bool:
        """Accept every number that a key can be."""
        return str(value).isdecimal() and len(str(value)) < 19  # 2**63 has 19 digits
