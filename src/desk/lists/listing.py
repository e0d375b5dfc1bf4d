"""A declared list, and what somebody sees of it: one page, its neighbours, the total."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet

from desk.lists import cursor as cursors
from desk.lists import planner, sorts, totals
from desk.lists import reading as ways
from desk.lists.cursor import Cursor
from desk.lists.keyset import Key
from desk.lists.reading import Reading
from desk.lists.sorts import Order, Sort
from desk.lists.totals import Total
from desk.people import zones
from desk.people.models import User
from waybill import errors
from waybill.declare import filtering
from waybill.declare.relative import Context

__all__ = ["PAGE", "Asked", "Listing", "Page", "chips", "narrowed", "page"]

PAGE = 50
STEPS = 25_000  # of 2 to 4 us each


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody asks of a list. `filters` is the flat form of every list (D4).

    `counted` asks for the number of rows also where counting takes longer than the page.
    """

    filters: Mapping[str, Any] = field(default_factory=dict)
    search: str = ""
    sort: str = ""
    cursor: str = ""
    counted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing[M: Model]:
    """A list of one subject.

    `visible` gives the rows that a person may list, `find` keeps those that a text finds, and
    `pinned` gives the row that a text names exactly. `shown` adds what a page shows of a row.
    A search may test so many rows one by one, `steps`, before it collects all that it finds.
    """

    filters: Any
    sorts: dict[str, Sort]
    default_sort: str
    visible: Callable[[User | None], QuerySet[M]]
    find: Callable[[QuerySet[M], str], QuerySet[M]]
    pinned: Callable[[QuerySet[M], str], M | None]
    shown: Callable[[QuerySet[M]], QuerySet[M]]
    steps: int = STEPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Page[M: Model]:
    """A page of a list.

    `first` is the place of its first row, from 1; `newer` and `older` are the cursors of the
    pages before and after, empty where there is none. `pinned` stands above the first page.
    """

    rows: Sequence[M]
    total: Total
    sort: str
    first: int = 1
    newer: str = ""
    older: str = ""
    pinned: M | None = None


def narrowed[M: Model](
    listing: Listing[M], user: User | None, asked: Asked, *, at: datetime
) -> QuerySet[M]:
    """Give the rows that the filters and the search keep of what the person may list.

    Raises `ValidationError` by the name of the filter.
    """
    rows, text = _filtered(listing, user, asked, at), asked.search.strip()
    return listing.find(rows, text) if text else rows


def chips(
    listing: Listing[Any], user: User | None, asked: Asked, *, at: datetime
) -> dict[str, tuple[str, str]]:
    """Say each filter as its label and its values in words, by name; raises as `narrowed`."""
    context = _context(user, at)
    try:
        resolved = filtering.resolve(listing.filters, asked.filters, context)
        return filtering.in_words(listing.filters, asked.filters, resolved, context)
    except errors.RequestRefused as refused:
        raise ValidationError({refused.field: str(refused)}) from refused


def page[M: Model](
    listing: Listing[M], user: User | None, asked: Asked, *, at: datetime, size: int = PAGE
) -> Page[M]:
    """Give one page; raises `ValidationError` for a filter, a sort or a cursor that is none."""
    order = sorts.ordered(listing.sorts, asked.sort or listing.default_sort)
    here = cursors.read(asked.cursor, sort=order.name)
    kept, text = _filtered(listing, user, asked, at), asked.search.strip()
    pinned = listing.pinned(listing.visible(user), text) if text else None
    with planner.reading():
        reading = _reading(listing, kept, text, pinned, order, here, size)
        total, found = _total(reading, here, asked)
        if here is None and pinned is not None and _belongs(listing, kept, text, pinned):
            total = replace(total, number=total.number + 1)
        if found is None:
            found = ways.follow(reading, total)
    keys, more = _cut(found, here, size)
    first = _first(here, len(keys), more=more)
    return Page(
        rows=_rows(listing, keys),
        total=total,
        sort=order.name,
        first=first,
        newer=_newer(order, here, keys, more, first, total),
        older=_older(order, here, keys, more, first, total),
        pinned=pinned if here is None else None,
    )


def _filtered[M: Model](
    listing: Listing[M], user: User | None, asked: Asked, at: datetime
) -> QuerySet[M]:
    try:
        resolved = filtering.resolve(listing.filters, asked.filters, _context(user, at))
        return filtering.apply(listing.filters, listing.visible(user), resolved)
    except errors.RequestRefused as refused:
        raise ValidationError({refused.field: str(refused)}) from refused


def _context(user: User | None, at: datetime) -> Context:
    return Context(user=user, at=at, zone=zones.of(user.time_zone if user else "UTC").key)


def _reading(
    listing: Listing[Any],
    kept: QuerySet[Any],
    text: str,
    pinned: Model | None,
    order: Order,
    here: Cursor | None,
    size: int,
) -> Reading:
    """Say what is to be read: without the pinned row, which stands above the list."""
    kept = kept if pinned is None else kept.exclude(pk=pinned.pk)
    return Reading(
        rows=listing.find(kept, text) if text else kept,
        kept=kept,
        search=(lambda rows: listing.find(rows, text)) if text else None,
        steps=listing.steps,
        order=order,
        after=None if here is None else Key(value=_value(kept.model, order, here), pk=here.pk),
        backwards=here is not None and not here.older,
        limit=size + 1,
    )


def _belongs(listing: Listing[Any], kept: QuerySet[Any], text: str, pinned: Model) -> bool:
    """Say whether the pinned row is one of those found: filters may leave it out."""
    return listing.find(kept.filter(pk=pinned.pk), text).exists()


def _total(reading: Reading, here: Cursor | None, asked: Asked) -> tuple[Total, list[Key] | None]:
    """Give the total, as the first page knew it unless it is to be counted now."""
    if here is not None and not (here.uncounted and asked.counted):
        known = Total(number=here.total, exact=here.exact, uncounted=here.uncounted)
        return known, None
    total, found = ways.opening(reading)
    if total.uncounted and asked.counted:
        total = totals.of(reading.rows)
    return total, found


def _cut(found: list[Key], here: Cursor | None, size: int) -> tuple[list[Key], bool]:
    """Give the places in the order of the list, and whether there are more on the way."""
    backwards = here is not None and not here.older
    keys, more = found[:size], len(found) > size
    return (keys[::-1] if backwards else keys), more


def _value(model: type[Model], order: Order, here: Cursor) -> Any:
    """Give the cursor's value as the field holds it."""
    if here.value is None or order.sort.ranked:
        return here.value
    kind: Any = model._meta.get_field(order.sort.field)
    return kind.to_python(here.value)


def _rows[M: Model](listing: Listing[M], keys: Sequence[Key]) -> list[M]:
    """Fetch the rows of a page, in its order."""
    model = listing.filters._meta.model
    wanted = model._default_manager.filter(pk__in=[key.pk for key in keys])
    by_key = {row.pk: row for row in listing.shown(wanted)}
    return [by_key[key.pk] for key in keys if key.pk in by_key]


def _first(here: Cursor | None, count: int, *, more: bool) -> int:
    if here is None or (not here.older and not more):
        return 1
    return here.number if here.older else max(here.number - count + 1, 1)


def _older(
    order: Order, here: Cursor | None, keys: list[Key], more: bool, first: int, total: Total
) -> str:
    going_on = more if here is None or here.older else True
    if not keys or not going_on:
        return ""
    return _cursor(order, keys[-1], older=True, number=first + len(keys), total=total)


def _newer(
    order: Order, here: Cursor | None, keys: list[Key], more: bool, first: int, total: Total
) -> str:
    if here is None or not keys or not (here.older or more):
        return ""
    return _cursor(order, keys[0], older=False, number=first - 1, total=total)


def _cursor(order: Order, key: Key, *, older: bool, number: int, total: Total) -> str:
    value = key.value.isoformat() if hasattr(key.value, "isoformat") else key.value
    return cursors.write(
        Cursor(
            sort=order.name,
            older=older,
            value=value,
            pk=key.pk,
            number=number,
            total=total.number,
            exact=total.exact,
            uncounted=total.uncounted,
        )
    )
