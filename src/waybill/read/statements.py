"""A queryset as SQL for one connection, and its exact count."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from waybill.declare.instant import fixed
from waybill.values import Plan, Snapshot

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["MOST_COMBINED", "MOST_VALUES", "compiled", "counted", "taken", "totals"]

MOST_VALUES = 200  # of a column, beyond which counting rows by them explains nothing
MOST_COMBINED = 2_000  # combinations of values, beyond which each column is counted by itself


def compiled(
    connection: BaseDatabaseWrapper, rows: "QuerySet[Any, Any]", zone: str
) -> tuple[str, tuple[Any, ...]] | None:
    """Compile a query for this connection; None where it can give no row.

    Its days are those of the zone, in whichever zone the thread is.
    """
    try:
        with timezone.override(ZoneInfo(zone)):
            sql, params = rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return None
    return sql, params


def counted(connection: BaseDatabaseWrapper, plan: Plan, at: datetime) -> int:
    """Count the rows of a plan exactly."""
    rows = fixed(plan.source, at).order_by().values_list("pk")
    statement = compiled(connection, rows, plan.options.zone)
    if statement is None:
        return 0
    with connection.cursor() as cursor:
        # A compiled query: its values are parameters.
        cursor.execute(f"SELECT count(*) FROM ({statement[0]}) AS r", statement[1])  # noqa: S608
        (count,) = cursor.fetchone()
    return int(count)


def taken(connection: BaseDatabaseWrapper, plan: Plan, at: datetime, level: str) -> Snapshot:
    """Say what the snapshot that is open on the connection shows."""
    count = counted(connection, plan, at)
    return Snapshot(at=at, level=level, count=count, totals=totals(connection, plan, at))


def totals(
    connection: BaseDatabaseWrapper, plan: Plan, at: datetime
) -> dict[str, tuple[tuple[str, int], ...]]:
    """Count the rows by the values of the columns that the format explains so."""
    if plan.format != "excel":
        return {}
    names = {
        column.key: f"wb_{column.index}"
        for column in plan.columns
        if column.counted and not column.mask
    }
    if not names:
        return {}
    # All at once, as far as that goes: few values of each are few combinations.
    together = grouped(connection, plan, at, list(names.values()), most=MOST_COMBINED)
    if len(together) > MOST_COMBINED:
        each = [grouped(connection, plan, at, [name], most=MOST_VALUES) for name in names.values()]
    else:
        each = [[(row[place], row[-1]) for row in together] for place in range(len(names))]
    found = {key: summed(counted) for key, counted in zip(names, each, strict=True)}
    return {key: counted for key, counted in found.items() if len(counted) <= MOST_VALUES}


def grouped(
    connection: BaseDatabaseWrapper, plan: Plan, at: datetime, names: Sequence[str], *, most: int
) -> list[tuple[Any, ...]]:
    """Count rows by some of their values together; one more group than `most` says too many."""
    rows = plan.select(at).order_by().values_list(*names)
    statement = compiled(connection, rows, plan.options.zone)
    if statement is None:
        return []
    by = ", ".join(map(connection.ops.quote_name, names))
    # Around the whole query: inside it, a column that counts related rows would count its joins.
    sql = f"SELECT {by}, count(*) FROM ({statement[0]}) AS r GROUP BY {by} LIMIT {most + 1}"  # noqa: S608 - names of ours
    with connection.cursor() as cursor:
        cursor.execute(sql, statement[1])
        return list(cursor.fetchall())


def summed(counted: Iterable[tuple[Any, int]]) -> tuple[tuple[str, int], ...]:
    """Add up the rows of each value, most first, null as an empty text."""
    sums: dict[str, int] = {}
    for value, rows in counted:
        shown = "" if value is None else str(value)
        sums[shown] = sums.get(shown, 0) + rows
    return tuple(sorted(sums.items(), key=lambda one: (-one[1], one[0])))
