"""Pages of a list found by the row before them, so that page 5,000 costs what page 1 does.

A page is a walk along one index. Where the order has nulls, or groups by a related row, the walk
has several stretches: a condition for both in one query would keep PostgreSQL from starting in
the middle of the index.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, F, Func, Model, Q, QuerySet, Value

from desk.lists.sorts import Order, Sort

__all__ = ["Key", "walk"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A row's place in an order: what it is sorted by, and its primary key."""

    value: Any
    pk: int


def walk(
    rows: QuerySet[Any], order: Order, *, after: Key | None, limit: int, backwards: bool = False
) -> list[Key]:
    """Give the places of up to `limit` rows that follow `after`, or precede it `backwards`.

    What precedes is given nearest first.
    """
    down = order.descending != backwards
    stretches = _ranked if order.sort.ranked else _plain
    found: list[Key] = []
    for part in stretches(rows, order.sort, after, down=down):
        places = part.values_list(order.sort.field, "pk")[: limit - len(found)]
        found += [Key(value=value, pk=pk) for value, pk in places]
        if len(found) == limit:
            break
    return found


def _plain(
    rows: QuerySet[Any], sort: Sort, after: Key | None, *, down: bool
) -> Iterator[QuerySet[Any]]:
    """Give the stretches of an order by a field: its values, and its nulls at their end."""
    way = "-" if down else ""
    ordered = rows.order_by(f"{way}{sort.field}", f"{way}pk")
    if after is None:
        yield ordered
        return
    nulls = rows.filter(**{f"{sort.field}__isnull": True}).order_by(f"{way}pk")
    if after.value is None:
        yield nulls.filter(_past("pk", after.pk, down=down))
        if down:
            yield ordered.filter(**{f"{sort.field}__isnull": False})
        return
    yield ordered.filter(_RowPast(sort.field, after, down=down))
    if not down and _may_be_null(rows.model, sort.field):
        yield nulls


def _ranked(
    rows: QuerySet[Any], sort: Sort, after: Key | None, *, down: bool
) -> Iterator[QuerySet[Any]]:
    """Give a stretch for each related row in the order of their ranks, and one for none."""
    way = "-" if down else ""
    groups = _groups(rows.model, sort, down=down)
    if after is not None:
        groups = groups[groups.index(after.value) :] if after.value in groups else []
    for place, group in enumerate(groups):
        members = rows.filter(**{sort.field: group}).order_by(f"{way}pk")
        if place == 0 and after is not None:
            members = members.filter(_past("pk", after.pk, down=down))
        yield members


def _groups(model: type[Model], sort: Sort, *, down: bool) -> list[int | None]:
    related: Any = model._meta.get_field(sort.field).related_model
    ranks = related._default_manager.order_by("rank", "pk").values_list("pk", flat=True)
    groups = [*ranks, None]
    return groups[::-1] if down else groups


def _may_be_null(model: type[Model], name: str) -> bool:
    field: Any = model._meta.get_field(name)
    return bool(field.null)


def _past(name: str, value: Any, *, down: bool) -> Q:
    return Q(**{f"{name}__{'lt' if down else 'gt'}": value})


class _RowPast(Func):
    """Whether (value, key) of a row lies past that of another: one condition of one index."""

    output_field = BooleanField()
    template = "(%(expressions)s)"
    conditional = True

    def __init__(self, name: str, key: Key, *, down: bool) -> None:
        here = Func(F(name), F("pk"), function="ROW", output_field=BooleanField())
        there = Func(Value(key.value), Value(key.pk), function="ROW", output_field=BooleanField())
        super().__init__(here, there, arg_joiner=" < " if down else " > ")
