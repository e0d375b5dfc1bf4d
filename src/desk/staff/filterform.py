"""The filter form of a list, made from its declared filters.

It only draws: what comes back is read from the address and checked where the list is read.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.people.models import User

__all__ = ["beside", "filter_form"]

MOST_CHOICES = 300
KEY_DIGITS = 19  # of 2**63, the first number that is no key
YES_OR_NO = (
    ("", gettext_lazy("Any")),
    ("true", gettext_lazy("Yes")),
    ("false", gettext_lazy("No")),
)

type Filters = Mapping[str, tuple[str, ...]]


def filter_form(declared: type[django_filters.FilterSet], filters: Filters) -> forms.Form:
    """Give the form with what is filtered by now filled in."""
    form = forms.Form(auto_id="filter_%s")
    for name, one in declared.base_filters.items():
        chosen = filters.get(name, ())
        field = _field(one, chosen)
        several = isinstance(field, forms.MultipleChoiceField)
        form.fields[name] = field
        form.initial[name] = list(chosen) if several else next(iter(chosen), "")
    return form


def beside(declared: type[django_filters.FilterSet], filters: Filters) -> Iterator[tuple[str, str]]:
    """Give the values that the form has no place for: the second tag, and those after it."""
    for name, one in declared.base_filters.items():
        if not isinstance(one, django_filters.ModelChoiceFilter):
            yield from ((name, value) for value in filters.get(name, ())[1:])


def _field(one: Any, chosen: tuple[str, ...]) -> forms.Field:
    label = one.label
    if isinstance(one, django_filters.ModelChoiceFilter):
        choices = [*_choices(one, chosen)]
        widget = forms.CheckboxSelectMultiple
        return forms.MultipleChoiceField(
            label=label, choices=choices, widget=widget, required=False
        )
    if getattr(one, "accepted", ()) == ("true",):
        return forms.ChoiceField(label=label, choices=YES_OR_NO[:2], required=False)
    if isinstance(one, django_filters.BooleanFilter):
        return forms.ChoiceField(label=label, choices=YES_OR_NO, required=False)
    if isinstance(one, django_filters.DateFilter | django_filters.IsoDateTimeFilter):
        hint = {"list": "filter-days", "placeholder": _("2026-11-20, last 7 days")}
        return forms.CharField(label=label, widget=forms.TextInput(hint), required=False)
    return forms.CharField(label=label, required=False)


def _choices(one: Any, chosen: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Give the rows to choose among, those first that are chosen now: the others are cut off.

    Of people others are offered where they may log in.
    """
    rows = one.extra["queryset"]
    rows = rows(None) if callable(rows) else rows.all()
    picked = [value for value in chosen if value.isdecimal() and len(value) < KEY_DIGITS]
    others = rows.exclude(pk__in=picked)
    if rows.model is User:
        yield "@me", _("Me")
        others = others.filter(is_active=True)
    for row in chain(rows.filter(pk__in=picked), others[:MOST_CHOICES]):
        yield str(row.pk), str(row)
