"""Who a ticket or an asset can be given to, in the form of it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from desk.people import queries as people
from desk.people.models import User

__all__ = ["offer_holders"]


def offer_holders(form: forms.ModelForm[Any]) -> None:
    """Offer whoever may log in, and the present holder, who may have left."""
    holder = User.objects.filter(pk=form.instance.assigned_to_id or 0)
    choice: Any = form.fields["assigned_to"]
    choice.queryset = (people.assignable() | holder).distinct()
    choice.empty_label = _("Nobody")
