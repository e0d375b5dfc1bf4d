"""Filters of a request, through the declared allow-list and nothing else.

django-filter ignores names that it does not know and values that do not parse, and would then
give every row. Here both are refused first.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

from waybill import conf, errors
from waybill.declare.exports import Export
from waybill.values import Json

if TYPE_CHECKING:
    from django_filters import Filter

__all__ = ["apply", "check", "in_words"]


def declared(export: Export, rows: "QuerySet[Any]") -> "dict[str, Filter]":
    """Give the declared filters by name, bound to the rows."""
    if export.filters is None:
        return {}
    found: dict[str, Filter] = export.filters(data={}, queryset=rows).filters
    return found


def values_of(name: str, value: Json) -> list[Any]:
    """Give one value or several as a list; raises `BadFilter` for a nested one."""
    several = list(value) if isinstance(value, list | tuple) else [value]
    limit = conf.settings().max_filter_values
    if len(several) > limit:
        raise errors.TooMuch(field=name, value=len(several), accepted=[limit])
    for one in several:
        if isinstance(one, list | tuple | Mapping) or one is None or one == "":
            raise errors.BadFilter(field=name, value=one)
        if isinstance(one, str) and len(one) > conf.settings().max_text:
            raise errors.TooMuch(field=name, value=len(one), accepted=[conf.settings().max_text])
    if not several:
        raise errors.BadFilter(field=name, value="[]")
    return several


def clean(name: str, one: "Filter", value: Any) -> Any:
    """Parse one value as the filter's form field does; raises `BadFilter`."""
    spoken = str(value).lower() if isinstance(value, bool) else value
    several = one.field.widget.__class__.__name__.endswith("Multiple")
    try:
        cleaned = one.field.clean([spoken] if several else spoken)
    except (ValidationError, ValueError, TypeError, OverflowError):
        raise errors.BadFilter(field=name, value=value, accepted=choices(one)) from None
    if cleaned is None or cleaned == "":
        raise errors.BadFilter(field=name, value=value, accepted=choices(one))
    return cleaned


def choices(one: "Filter") -> tuple[str, ...]:
    """Name a few of the values that a filter takes, where they can be listed."""
    listed = one.extra.get("choices") or ()
    return tuple(str(value) for value, _ in list(listed() if callable(listed) else listed)[:20])


def check(export: Export, filters: Mapping[str, Json]) -> None:
    """Raise `UnknownFilter`, `BadFilter` or `TooMuch` for the first fault."""
    apply(export, export.model._default_manager.none(), filters)


def apply[M: Model](
    export: Export, rows: "QuerySet[M]", filters: Mapping[str, Json]
) -> "QuerySet[M]":
    """Narrow the rows by every filter; the values of a list are alternatives."""
    known = declared(export, rows)
    for name, value in filters.items():
        if name not in known:
            raise errors.UnknownFilter(field="filters", value=name, accepted=sorted(known))
        cleaned = [clean(name, known[name], one) for one in values_of(name, value)]
        rows = narrow(rows, known[name], cleaned)
    return rows


def narrow(rows: "QuerySet[Any]", one: "Filter", cleaned: Sequence[Any]) -> Any:
    """Keep the rows that match any of the cleaned values."""
    if len(cleaned) == 1:
        return one.filter(rows, cleaned[0])
    if one.method is None and one.lookup_expr == "exact" and not one.exclude and not one.distinct:
        return rows.filter(Q(**{f"{one.field_name}__in": cleaned}))
    found = one.filter(rows, cleaned[0])
    for value in cleaned[1:]:
        found = found | one.filter(rows, value)
    return found


def in_words(export: Export, filters: Mapping[str, Json]) -> tuple[str, ...]:
    """Say each filter as `Label: value, value`; a related row by its own name."""
    known = declared(export, export.model._default_manager.none())
    said = []
    for name, value in filters.items():
        shown = [worded(clean(name, known[name], one)) for one in values_of(name, value)]
        said.append(f"{known[name].label or name}: {', '.join(shown)}")
    return tuple(said)


def worded(value: Any) -> str:
    """Say one cleaned value; a list or a queryset by its members."""
    if isinstance(value, list | tuple | QuerySet):
        return ", ".join(str(one) for one in value)
    return str(value)
