"""Filters of a request, through a declared django-filter FilterSet and nothing else.

django-filter ignores names that it does not know and values that do not parse, and would then
give every row. Here both are refused. Relative values are made absolute once, by `resolve`; what
it gives is plain JSON, and `apply` gives the same rows for it at any later time.

A host's list pages use these functions too, so that a list and its export cannot differ.
A filter may define `resolve(value, context)` for words of its own, and `takes_several` where its
`filter()` takes the list of alternatives in one go.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from waybill import conf, errors
from waybill.declare import paths, relative
from waybill.declare.relative import Context
from waybill.values import Json

if TYPE_CHECKING:
    from django_filters import Filter, FilterSet

__all__ = ["apply", "in_words", "resolve"]

CHOICES_SHOWN = 20


def resolve(
    declared: "type[FilterSet] | None", filters: Mapping[str, Json], context: Context
) -> dict[str, Json]:
    """Make every value absolute and refuse what does not parse; gives plain JSON.

    Raises `UnknownFilter`, `BadFilter` or `TooMuch` for the first fault.
    """
    known = _known(declared, filters)
    resolved: dict[str, Json] = {}
    for name, value in filters.items():
        one = known[name]
        absolute = [_absolute(name, one, item, context) for item in _values(name, value)]
        for item in absolute:
            _clean(name, one, item)
        resolved[name] = absolute if isinstance(value, list | tuple) else absolute[0]
    return resolved


def apply[M: Model](
    declared: "type[FilterSet] | None", rows: "QuerySet[M]", resolved: Mapping[str, Json]
) -> "QuerySet[M]":
    """Narrow the rows by every resolved filter; the values of a list are alternatives."""
    known = _known(declared, resolved)
    for name, value in resolved.items():
        one = known[name]
        rows = _narrow(rows, one, [_clean(name, one, item) for item in _values(name, value)])
    return rows


def in_words(
    declared: "type[FilterSet] | None",
    filters: Mapping[str, Json],
    resolved: Mapping[str, Json],
    context: Context,
) -> dict[str, tuple[str, str]]:
    """Say each filter as a label and its values, a related row by its own name, by filter name.

    `filters` are the values as somebody wrote them, `resolved` the same made absolute.
    """
    known = _known(declared, filters)
    return {
        name: (
            str(known[name].label or name),
            ", ".join(_said(name, known[name], filters[name], resolved[name], context)),
        )
        for name in filters
    }


def _known(declared: "type[FilterSet] | None", names: Collection[str]) -> "Mapping[str, Filter]":
    """Give the filters of those names, ready for use; raises `UnknownFilter`.

    A whole set of 17 takes ten times as long to make ready as the two that somebody names.
    """
    found = {} if declared is None else _ready(declared, names)
    for name in names:
        if name not in found:
            known = sorted({*getattr(declared, "base_filters", ()), *found})
            raise errors.UnknownFilter(field="filters", value=name, accepted=known)
    return found


def _ready(declared: "type[FilterSet]", names: Collection[str]) -> "Mapping[str, Filter]":
    from django_filters.filterset import BaseFilterSet

    none = declared._meta.model._default_manager.none()
    made: FilterSet = object.__new__(declared)
    if declared.__init__ is BaseFilterSet.__init__:  # a host's own may want any of them
        every = declared.base_filters
        made.base_filters = {name: every[name] for name in names if name in every}
    declared.__init__(made, data={}, queryset=none)
    found: Mapping[str, Filter] = made.filters
    return found


def _values(name: str, value: Json) -> list[Any]:
    """Give one value or several as a list; raises for a nested or an empty one."""
    several = list(value) if isinstance(value, list | tuple) else [value]
    limits = conf.settings()
    if len(several) > limits.max_filter_values:
        raise errors.TooMuch(field=name, value=len(several), accepted=[limits.max_filter_values])
    for one in several:
        if isinstance(one, list | tuple | Mapping) or one is None or one == "":
            raise errors.BadFilter(field=name, value=one)
        if isinstance(one, str) and len(one) > limits.max_text:
            raise errors.TooMuch(field=name, value=len(one), accepted=[limits.max_text])
    if not several:
        raise errors.BadFilter(field=name, value="[]")
    return several


def _absolute(name: str, one: "Filter", value: Json, context: Context) -> Json:
    """Make one value absolute, as the kind of the filter's field asks."""
    own = getattr(one, "resolve", None)
    try:
        if own is None and _takes_list(one):
            each = [relative.resolve(one, part, context) for part in str(value).split(",")]
            return ",".join(map(str, each))
        return own(value, context) if own else relative.resolve(one, value, context)
    except (ValueError, OverflowError):
        raise errors.BadFilter(field=name, value=value, accepted=_accepted(one)) from None


def _clean(name: str, one: "Filter", value: Any) -> Any:
    """Parse one value as the filter's form field does; raises `BadFilter`."""
    spoken = str(value).lower() if isinstance(value, bool) else value
    several = one.field.widget.__class__.__name__.endswith("Multiple")
    if _takes_list(
        one
    ):  # django-filter's own widget splits it, and else its letters would be the list
        spoken = str(value).split(",")
    try:
        cleaned = one.field.clean([spoken] if several else spoken)
    except (ValidationError, ValueError, TypeError, OverflowError):
        cleaned = None
    parts = cleaned if _takes_list(one) and cleaned else [cleaned]
    if any(part is None or part == "" for part in parts):
        raise errors.BadFilter(field=name, value=value, accepted=_accepted(one))
    return cleaned


def _accepted(one: "Filter") -> tuple[str, ...]:
    """Say what a filter takes: its words, its choices, or an example."""
    between = (_("two values with a comma between them"),) if one.lookup_expr == "range" else ()
    if own := getattr(one, "accepted", between):
        return tuple(own)
    field = one.field
    if isinstance(field, forms.DateField | forms.DateTimeField):
        return relative.accepted(field)
    if isinstance(field, forms.NullBooleanField | forms.BooleanField):
        return ("true", "false")
    if isinstance(field, forms.ModelChoiceField):
        words = ("@me",) if relative.of_people(field) else ()
        rows = relative.choices_of(field)[:CHOICES_SHOWN]
        return (*words, *(f"{field.prepare_value(row)} ({row})" for row in rows))
    given = one.extra.get("choices") or ()
    choices = [*(given() if callable(given) else given)]
    if not choices and isinstance(field, forms.IntegerField | forms.DecimalField):
        return (_("a number"),)
    return tuple(str(value) for value, _label in choices[:CHOICES_SHOWN])


def _takes_list(one: "Filter") -> bool:
    """Say whether a filter's value is a list with commas, as of the lookups `in` and `range`."""
    from django_filters.fields import BaseCSVField

    return isinstance(one.field, BaseCSVField)


def _narrow(rows: "QuerySet[Any]", one: "Filter", cleaned: Sequence[Any]) -> Any:
    """Keep the rows that match any of the cleaned values."""
    if getattr(one, "takes_several", False):
        return one.filter(rows, cleaned)
    model: type[Model] = rows.model
    if one.method is None and paths.crosses_many(model, one.field_name or ""):
        # Asked apart: joined, a row would come once for each related row that matches.
        own = not type(one).filter.__module__.startswith("django_filters.")
        # A filter of the host's own may look at what its rows are annotated with.
        apart = rows if own else model._base_manager.all()
        found = _matching(apart, one, cleaned)
        return rows.filter(pk__in=found.order_by().values("pk"))
    return _matching(rows, one, cleaned)


def _matching(rows: "QuerySet[Any]", one: "Filter", cleaned: Sequence[Any]) -> "QuerySet[Any]":
    if len(cleaned) == 1:
        found: QuerySet[Any] = one.filter(rows, cleaned[0])
        return found
    if _compares(one, cleaned):
        return rows.filter(Q(**{f"{one.field_name}__in": cleaned}))
    return reduce(or_, (one.filter(rows, value) for value in cleaned))


def _compares(one: "Filter", cleaned: Sequence[Any]) -> bool:
    """Say whether a filter does no more than to compare a field with each of the values."""
    from django_filters import ChoiceFilter, Filter

    plain = type(one).filter is Filter.filter
    if type(one).filter is ChoiceFilter.filter:  # it has a word for no value
        plain = one.null_value not in cleaned
    return (
        plain
        and one.method is None
        and one.lookup_expr == "exact"
        and not one.exclude
        and not one.distinct
    )


def _said(
    name: str, one: "Filter", written: Json, resolved: Json, context: Context
) -> Iterator[str]:
    """Say the values of one filter; a relative one as written, with what it meant."""
    for word, value in zip(_values(name, written), _values(name, resolved), strict=True):
        cleaned = _clean(name, one, value)
        if isinstance(cleaned, bool):
            yield _("yes") if cleaned else _("no")
        elif isinstance(cleaned, list | tuple | QuerySet):
            yield ", ".join(str(item) for item in cleaned)
        elif isinstance(one.field, forms.DateField | forms.DateTimeField):
            yield relative.said(str(word), cleaned, context)
        else:
            yield str(cleaned)
