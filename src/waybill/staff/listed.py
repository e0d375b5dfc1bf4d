"""What a change list of Django's admin shows, in the words of the export's own form.

The admin's filters are lookups in the address (`genre__id__exact=3`), an export's are declared
names. A filter without its counterpart is never dropped: the rows are then named one by one.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.http import QueryDict

from waybill import conf, errors
from waybill.declare.exports import Export
from waybill.declare.policy import Person
from waybill.plan.freeze import freeze
from waybill.staff import ask
from waybill.work.ask import rows_up_to

__all__ = ["form_of", "selection"]

SAME = ("exact", "id", "pk")  # endings that say nothing: a relation is compared by its key


def form_of(shown: ChangeList, export: Export, user: Person) -> QueryDict:
    """Give the form that asks for the rows of a change list, in its order.

    Raises `TooMuch` where they can only be named one by one and are more than a request takes.
    """
    form = _narrowed(shown, export)
    if form is None or not _same_rows(form, shown, export, user):
        keys = shown.queryset.order_by().values_list("pk", flat=True)
        form = selection(keys[: conf.settings().max_selected + 1])
    form.setlist("sort", [*_sort(shown, export)])
    return form


def selection(keys: Iterable[Any]) -> QueryDict:
    """Give the form that asks for rows by their keys; raises `TooMuch`."""
    named = [str(key) for key in keys]
    most = conf.settings().max_selected
    if len(named) > most:
        raise errors.TooMuch(field="selected", value=f"more than {most} rows", accepted=[most])
    form = QueryDict(mutable=True)
    form.setlist("selected", named)
    return form


def _narrowed(shown: ChangeList, export: Export) -> QueryDict | None:
    """Say the list's filters and search by the export's; None where one has no counterpart."""
    counterparts = dict(_declared(export))
    form = QueryDict(mutable=True)
    for lookup, values in shown.get_filters_params().items():
        path, _, ending = lookup.rpartition("__")
        several = path if ending == "in" else lookup
        name = counterparts.get(_plain(several))
        if name is None:
            return None
        spelled = [one for value in values for one in str(value).split(",")]
        form.setlist(f"{ask.FILTER}{name}", [_spelled(export, name, one) for one in spelled])
    if shown.query:
        form["search"] = shown.query
    return form


def _declared(export: Export) -> Iterator[tuple[str, str]]:
    """Give each declared filter under the lookup that it stands for."""
    for name, one in getattr(export.filters, "base_filters", {}).items():
        if one.method is None and not one.exclude and one.field_name:
            yield _plain(f"{one.field_name}__{one.lookup_expr}"), name


def _plain(lookup: str) -> str:
    """Spell a lookup in one way: `genre`, `genre__exact` and `genre__id__exact` are the same."""
    parts = lookup.split("__")
    while len(parts) > 1 and parts[-1] in SAME:
        parts.pop()
    return "__".join(parts)


def _spelled(export: Export, name: str, value: str) -> str:
    """Spell a value as the export's filter reads it; the admin's booleans are 1 and 0."""
    kind = type(export.filters.base_filters[name]).__name__
    return {"1": "true", "0": "false"}.get(value, value) if kind == "BooleanFilter" else value


def _same_rows(form: QueryDict, shown: ChangeList, export: Export, user: Person) -> bool:
    """Say whether the form gives as many rows as the list; a search may mean another thing."""
    try:
        frozen = freeze(ask.read(export.name, form), user)
    except errors.RequestRefused:
        return False
    return rows_up_to(shown.result_count, frozen, by=user) == shown.result_count


def _sort(shown: ChangeList, export: Export) -> Iterator[str]:
    """Name the columns that the list is sorted by, where somebody chose an order."""
    if ORDER_VAR not in shown.params:
        return
    columns = {column.path or column.name: column.name for column in export.columns}
    for order in shown.params[ORDER_VAR].split("."):
        number = order.removeprefix("-")
        if not number.isdigit() or int(number) >= len(shown.list_display):
            continue
        field = shown.get_ordering_field(shown.list_display[int(number)])
        if name := columns.get(str(field)) or columns.get(str(shown.list_display[int(number)])):
            yield f"-{name}" if order.startswith("-") else name
