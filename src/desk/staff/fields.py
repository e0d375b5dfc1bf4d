"""Form fields that more than one subject uses."""

import hashlib
from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

__all__ = [
    "NUL",
    "DayField",
    "IdsField",
    "MinuteField",
    "TextField",
    "keep_shown",
    "replaced",
    "storable",
]

NUL, REPLACEMENT = "\x00", "\ufffd"
DIGEST = "sha256:"
LONG = 200  # characters: a digest is shorter


class _Shown(forms.HiddenInput):
    """What a page showed of a text; of a long one its digest, for it may be 650 KB."""

    def format_value(self, value: Any) -> Any:
        """Shorten it."""
        return _digest(value) if isinstance(value, str) and len(value) > LONG else value


class TextField(forms.CharField):
    """Text as people type it: lines end in LF, and a NUL, which cannot be kept, becomes U+FFFD."""

    hidden_widget = _Shown

    def to_python(self, value: Any) -> str | None:
        """Tidy before the validators refuse; browsers send every line end as CR LF."""
        text = super().to_python(value)
        return storable(text.replace("\r\n", "\n")) if text else text

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compare texts as they would be kept: a page shown and sent back changes nothing."""
        text = self.to_python(data) or ""
        return (self.to_python(initial) or "") not in {text, _digest(text)}


def keep_shown(form: forms.BaseForm) -> None:
    """Let the page send what it showed too, so that only what its reader changed has changed.

    Else a page that stood open would write back whatever a colleague changed meanwhile.
    """
    for name, field in form.fields.items():
        field.show_hidden_initial = not form.is_bound or form.add_initial_prefix(name) in form.data


def storable(text: str) -> str:
    """Replace what no database keeps by U+FFFD (Z3)."""
    return text.replace(NUL, REPLACEMENT)


def replaced(form: forms.BaseForm) -> int:
    """Count the characters that the form's texts came with and that could not be kept (Z3)."""
    texts = (name for name, field in form.fields.items() if isinstance(field, TextField))
    return sum(str(form.data.get(form.add_prefix(name), "")).count(NUL) for name in texts)


MINUTE = {
    "type": "datetime-local",
    "data-incomplete": _("Not stored yet: give the day and the time."),
}


class MinuteField(forms.DateTimeField):
    """A local time to the minute; seconds that a page cannot show count as unchanged."""

    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs=MINUTE)

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


def _digest(text: str) -> str:
    """Give the digest of a text as fields tidy it."""
    tidy = storable(text.replace("\r\n", "\n")).strip()
    return DIGEST + hashlib.sha256(tidy.encode()).hexdigest()
