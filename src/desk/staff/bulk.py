"""Answers the form under a list: change the selected rows, and come back to the list."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from desk.people import queries as people
from desk.people.models import User
from desk.staff.access import person
from desk.staff.fields import IdsField
from desk.staff.saving import first_problem

__all__ = ["BulkForm", "Change", "change_selected"]

NOBODY = "nobody"

type Change = Callable[..., set[int]]


class BulkForm(forms.Form):
    """Changes for every selected row; subclasses add the fields that relate to other rows."""

    selected = IdsField()
    assigned_to = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Accept whoever may log in, and nobody."""
        super().__init__(*args, **kwargs)
        held = [(str(one.pk), str(one)) for one in people.assignable()]
        self.fields["assigned_to"].choices = [(NOBODY, NOBODY), *held]  # type: ignore[attr-defined]

    def wanted(self) -> dict[str, Any]:
        """Give the new values by field, without those that stay; None is nobody."""
        data = self.cleaned_data
        values = {name: data[name] for name in self.fields if name != "selected" and data[name]}
        if holder := values.get("assigned_to"):
            nobody = holder == NOBODY
            values["assigned_to"] = None if nobody else people.assignable().get(pk=holder)
        return values


def change_selected(
    request: HttpRequest,
    form: BulkForm,
    changes: Mapping[str, Change],
    said: Callable[[int], str],
    *,
    home: str,
) -> HttpResponse:
    """Apply what was chosen by the change of each field; `said` tells how many rows changed."""
    if not form.is_valid() or not form.wanted():
        messages.error(request, _("Select rows, and choose what to change about them."))
        return _back(request, home)
    try:
        changed = _change(form, changes, by=person(request))
    except ValidationError as error:
        messages.error(request, first_problem(error))
        return _back(request, home)
    messages.success(request, said(changed))
    return _back(request, home)


@transaction.atomic
def _change(form: BulkForm, changes: Mapping[str, Change], *, by: User) -> int:
    """Give how many rows changed in any way."""
    chosen = form.cleaned_data["selected"]
    # The holder last: who gives a row away may reach it no more.
    wanted = sorted(form.wanted().items(), key=lambda change: change[0] == "assigned_to")
    changed = [changes[name](chosen, value, by=by) for name, value in wanted]
    return len(set().union(*changed))


def _back(request: HttpRequest, home: str) -> HttpResponse:
    here = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(here, {request.get_host()}, request.is_secure())
    return redirect(here if safe and here.startswith("/") else home)
