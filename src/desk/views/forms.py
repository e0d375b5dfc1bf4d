"""Forms of saved views."""

from typing import Any

from django import forms

from desk.views.actions import LONGEST_LABEL
from desk.views.exports import headings
from desk.views.models import SavedView

__all__ = ["ViewForm"]

LABEL = "label."


class ViewForm(forms.ModelForm[SavedView]):
    """The name of a view, who sees it, and other headings for the columns of its exports."""

    class Meta:
        model = SavedView
        fields = ("name", "is_shared")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add a field for each column."""
        super().__init__(*args, **kwargs)
        for key, heading in headings(self.instance).items():
            self.fields[f"{LABEL}{key}"] = forms.CharField(
                label=heading,
                required=False,
                max_length=LONGEST_LABEL,
                initial=self.instance.labels.get(key, ""),
                widget=forms.TextInput(attrs={"placeholder": heading}),
            )

    def own_fields(self) -> list[forms.BoundField]:
        """Give the fields of the view itself."""
        return [bound for bound in self.visible_fields() if not bound.name.startswith(LABEL)]

    def label_fields(self) -> list[forms.BoundField]:
        """Give the fields of its columns."""
        return [bound for bound in self.visible_fields() if bound.name.startswith(LABEL)]

    def clean(self) -> dict[str, Any]:
        """Put the headings together."""
        values = super().clean() or self.cleaned_data
        labels = {name: values.pop(name) for name in [*values] if name.startswith(LABEL)}
        values["labels"] = {
            name.removeprefix(LABEL): label for name, label in labels.items() if label
        }
        return values
