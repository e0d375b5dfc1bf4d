"""Pages of a list found by the row before them, so that page 5,000 costs what page 1 does.

A page is a walk along one index. Where the order has nulls, or groups by a related row, the walk
has several stretches: a condition for both in one query would keep PostgreSQL from starting in
the middle of the index.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import BooleanField, F, Func, Model, Q, QuerySet, Value

from desk.lists.sorts import Order, Sort, by_rank, rank_of

__all__ = ["Key", "gather", "gather_all", "walk", "walk_testing"]


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


def walk_testing(
    rows: QuerySet[Any],
    test: Callable[[QuerySet[Any]], QuerySet[Any]],
    order: Order,
    *,
    after: Key | None,
    limit: int,
    steps: int,
    backwards: bool = False,
) -> list[Key] | None:
    """Give what `walk` gives of the rows that the test keeps; None where that takes too long.

    At most `steps` rows are tested one by one in each stretch: what is looked for may all lie at
    the far end of the order.
    """
    down = order.descending != backwards
    stretches = _ranked if order.sort.ranked else _plain
    kept = test(rows.model._default_manager.all()).order_by().values("pk")
    found: list[Key] = []
    for part in stretches(rows, order.sort, after, down=down):
        places = part.values_list(order.sort.field, "pk")[:steps]
        found += _tested(places, kept, down=down, limit=limit - len(found))
        if len(found) == limit:
            break
        if part.values("pk")[steps : steps + 1].exists():
            return None
    return found


def _tested(places: QuerySet[Any], kept: QuerySet[Any], *, down: bool, limit: int) -> Iterator[Key]:
    """Give the places, in their order, whose row is kept: as many as are wanted, then stop."""
    way = "DESC" if down else "ASC"
    (inside, given), (wanted, more) = _compiled(places), _compiled(kept)
    with connection.cursor() as cursor:
        cursor.execute(
            # Compiled queries: their values are parameters.
            f"SELECT said, pk FROM ({inside}) AS stepped (said, pk) WHERE pk IN ({wanted})"  # noqa: S608
            f" ORDER BY said {way}, pk {way} LIMIT %s",
            [*given, *more, limit],
        )
        return (Key(value=said, pk=pk) for said, pk in cursor.fetchall())


def _compiled(rows: QuerySet[Any]) -> tuple[str, tuple[Any, ...]]:
    """Compile a query also where Django knows that nothing can be found."""
    compiler = rows.query.get_compiler(connection=connection, elide_empty=False)
    sql, given = compiler.as_sql()
    return sql, tuple(given)


def gather(
    rows: QuerySet[Any], order: Order, *, after: Key | None, limit: int, backwards: bool = False
) -> list[Key]:
    """Give what `walk` gives by collecting all of the rows and sorting them: for a few of many."""
    down = order.descending != backwards
    value = by_rank(order.sort.field) if order.sort.ranked else F(order.sort.field)
    rows = rows.annotate(list_value=value)
    if after is not None:
        rows = rows.filter(_beyond(_measure(rows.model, order.sort, after), after.pk, down=down))
    # No index is sorted by whole rows of two, so none can be walked instead.
    both = Func(F("list_value"), F("pk"), function="ROW", output_field=BooleanField())
    ordered = rows.order_by(both.desc() if down else both.asc())
    places = ordered.values_list(order.sort.field, "pk")[:limit]
    return [Key(value=value, pk=pk) for value, pk in places]


def gather_all(
    rows: QuerySet[Any], order: Order, *, limit: int, at_most: int
) -> tuple[list[Key], int]:
    """Collect up to `at_most` rows once; give how many there are and the first `limit` places.

    A search costs what it takes to look at what it found: here that is done once, not to count
    and again to sort. With `at_most` rows or more the places are those of some of them only.
    """
    value = by_rank(order.sort.field) if order.sort.ranked else F(order.sort.field)
    places = rows.annotate(list_value=value).order_by()
    some = places.values_list("pk", order.sort.field, "list_value")[:at_most]
    inside, given = _compiled(some)
    way = "DESC" if order.descending else "ASC"
    with connection.cursor() as cursor:
        cursor.execute(
            # Compiled queries: their values are parameters.
            f"SELECT pk, said, count(*) OVER () FROM ({inside}) AS found (pk, said, list_value)"  # noqa: S608
            f" ORDER BY ROW(list_value, pk) {way} LIMIT %s",
            [*given, limit],
        )
        found = cursor.fetchall()
    return [Key(value=said, pk=pk) for pk, said, _count in found], found[0][2] if found else 0


def _measure(model: type[Model], sort: Sort, after: Key) -> Any:
    """Give what a row is sorted by: its value, or the rank of the row that it points at."""
    if not sort.ranked or after.value is None:
        return after.value
    rows = _related(model, sort).filter(pk=after.value)
    return rows.annotate(value=rank_of()).values_list("value", flat=True).first()


def _beyond(value: Any, pk: int, *, down: bool) -> Q:
    """Keep what follows a row; nulls are the last going up and the first going down."""
    if value is None:
        level = Q(list_value__isnull=True) & _past("pk", pk, down=down)
        return level | Q(list_value__isnull=False) if down else level
    level = Q(list_value=value) & _past("pk", pk, down=down)
    past = _past("list_value", value, down=down)
    return level | past if down else level | past | Q(list_value__isnull=True)


def _plain(
    rows: QuerySet[Any], sort: Sort, after: Key | None, *, down: bool
) -> Iterator[QuerySet[Any]]:
    """Give the stretches of an order by a field: its values, and its nulls at their end."""
    way = "-" if down else ""
    ordered = rows.order_by(f"{way}{sort.field}", f"{way}pk")
    if after is None:
        yield ordered
        return
    # Sorted by the column too, though it is null in all of them: else no index of it would do.
    nulls = ordered.filter(**{f"{sort.field}__isnull": True})
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
        members = rows.filter(**{sort.field: group}).order_by(f"{way}{sort.field}_id", f"{way}pk")
        if place == 0 and after is not None:
            members = members.filter(_past("pk", after.pk, down=down))
        yield members


def _groups(model: type[Model], sort: Sort, *, down: bool) -> list[int | None]:
    ranks = _related(model, sort).order_by("rank", "pk").values_list("pk", flat=True)
    groups = [*ranks, None]
    return groups[::-1] if down else groups


def _related(model: type[Model], sort: Sort) -> QuerySet[Any]:
    related: Any = model._meta.get_field(sort.field).related_model
    rows: QuerySet[Any] = related._default_manager.all()
    return rows


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
