"""Forms of saved views."""

from django import forms

from desk.views.models import SavedView

__all__ = ["ViewForm"]


class ViewForm(forms.ModelForm[SavedView]):
    """The name of a view, and who sees it."""

    class Meta:
        model = SavedView
        fields = ("name", "is_shared")
