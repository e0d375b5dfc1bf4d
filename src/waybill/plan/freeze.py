"""A request is checked and made absolute once, when it is made."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from django.db import connections
from django.utils import timezone
from django.utils.translation import gettext as _

from waybill import clock, conf, errors, registry
from waybill.declare import filtering
from waybill.declare.exports import Export
from waybill.declare.policy import Person, may_start
from waybill.declare.relative import Context
from waybill.plan import options
from waybill.values import ExportRequest, FrozenRequest

__all__ = ["UNSTORABLE", "database_now", "freeze"]

UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def database_now(alias: str = "default") -> datetime:
    """Read the clock of the database of that alias (UTC)."""
    return clock.now(connections[alias])


def freeze(request: ExportRequest, user: Person | None) -> FrozenRequest:
    """Check every part of a request and leave nothing open.

    `user` None is the system. Raises a `RequestRefused` that names the part at fault.
    """
    check_texts(request)
    export = registry.get(request.resource)
    if not may_start(user, export):
        raise errors.NotAllowed(field="resource", value=request.resource)
    request = with_view(export, request, user)
    fmt = options.format_named(request.format)
    keys = check_columns(export, request.columns, user)
    check_labels(export, request)
    check_sort(export, request.sort, user)
    check_sizes(request)
    check_selected(export, request)
    at = database_now(export.model._default_manager.db)
    checked = options.check(replace(request.options, zone=zone_of(request, user)), fmt)
    context = Context(user=user, at=at, zone=checked.zone)
    resolved = filtering.resolve(export.filters, request.filters, context)
    words = filtering.in_words(export.filters, request.filters, resolved, context)
    return FrozenRequest(
        request=replace(request, format=fmt, columns=keys, options=checked),
        resolved=resolved,
        words=tuple(f"{label}: {values}" for label, values in words.values()),
        requested_at=at,
    )


def with_view(export: Export, request: ExportRequest, user: Person | None) -> ExportRequest:
    """Fill in from the saved view what the request leaves open; raises `ViewUnknown`."""
    if not request.view:
        return request
    view = export.view(request.view, user)
    return replace(
        request,
        view=view.name,
        filters={**view.filters, **request.filters},
        labels={**view.labels, **request.labels},
        search=request.search or view.search,
        sort=request.sort or view.sort,
        columns=view.columns if request.columns is None else request.columns,
    )


def zone_of(request: ExportRequest, user: Person | None) -> str:
    """Name the zone that times are shown in: asked for, else the person's, else the site's."""
    theirs = getattr(user, conf.settings().zone_field, "")
    return request.options.zone or theirs or timezone.get_default_timezone_name()


def check_texts(request: ExportRequest) -> None:
    """Refuse a NUL and a lone surrogate anywhere in a request."""
    for name, value in request.to_json().items():
        if any(UNSTORABLE.search(text) for text in texts(value)):
            raise errors.BadText(field=name)


def texts(value: object) -> Iterator[str]:
    """Find every text in a value of plain JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, one in value.items():
            yield from (*texts(name), *texts(one))
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts(one)


def check_columns(
    export: Export, keys: Iterable[str] | None, user: Person | None
) -> tuple[str, ...]:
    """Give the keys to export, all that the person may see where none are named."""
    visible = export.visible(user)
    known = tuple(column.name for column in visible)
    if keys is None:
        return tuple(column.name for column in visible if not column.extra)
    chosen = tuple(dict.fromkeys(keys))
    for key in chosen:
        if key not in known:
            raise errors.UnknownColumn(field="columns", value=key, accepted=known)
    if not chosen:
        raise errors.UnknownColumn(field="columns", value="", accepted=known)
    return chosen


def check_labels(export: Export, request: ExportRequest) -> None:
    """Refuse a label for a column that there is not, or one that is too long."""
    known = {column.name for column in export.columns}
    for key, label in request.labels.items():
        if key not in known:
            raise errors.UnknownColumn(field="labels", value=key, accepted=sorted(known))
        if len(label) > conf.settings().max_text:
            raise errors.TooMuch(field="labels", value=len(label))


def check_sort(export: Export, sort: Iterable[str], user: Person | None) -> None:
    """Refuse a sort by anything but a column that the person may see plainly."""
    known = sortable(export, user)
    for one in sort:
        if one.removeprefix("-") not in known:
            raise errors.BadSort(field="sort", value=one, accepted=known)


def sortable(export: Export, user: Person | None) -> tuple[str, ...]:
    """Name the columns to sort by: no function, no list, nothing withheld (it would leak)."""
    return tuple(
        column.name
        for column in export.columns
        if column.function is None and not export.withheld(column, user)
    )


def check_sizes(request: ExportRequest) -> None:
    """Refuse a search text or a selection beyond the limits."""
    limits = conf.settings()
    if len(request.search) > limits.max_text:
        raise errors.TooMuch(field="search", value=len(request.search), accepted=[limits.max_text])
    if request.selected is not None and len(request.selected) > limits.max_selected:
        raise errors.TooMuch(
            field="selected", value=len(request.selected), accepted=[limits.max_selected]
        )


def check_selected(export: Export, request: ExportRequest) -> None:
    """Refuse a selection of rows whose key has several columns: no text names one of them."""
    if request.selected is not None and len(export.model._meta.pk_fields) > 1:
        raise errors.BadFilter(
            field="selected",
            value=", ".join(request.selected[:1]),
            accepted=[_("filters instead: the key of these rows has several columns")],
        )
