"""A queryset as SQL for one connection, and its exact count."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Count

from waybill.values import Plan, Snapshot

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["MOST_COMBINED", "MOST_VALUES", "compiled", "counted", "taken", "totals"]

MOST_VALUES = 200  # of a column, beyond which counting rows by them explains nothing
MOST_COMBINED = 2_000  # combinations of values, beyond which each column is counted by itself


def compiled(
    connection: BaseDatabaseWrapper, rows: "QuerySet[Any, Any]"
) -> tuple[str, tuple[Any, ...]] | None:
    """Compile a query for this connection; None where it can give no row."""
    try:
        sql, params = rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return None
    return sql, params


def counted(connection: BaseDatabaseWrapper, rows: "QuerySet[Any, Any]") -> int:
    """Count the rows exactly."""
    statement = compiled(connection, rows.order_by().values_list("pk"))
    if statement is None:
        return 0
    with connection.cursor() as cursor:
        # A compiled query: its values are parameters.
        cursor.execute(f"SELECT count(*) FROM ({statement[0]}) AS r", statement[1])  # noqa: S608
        (count,) = cursor.fetchone()
    return int(count)


def taken(connection: BaseDatabaseWrapper, plan: Plan, at: datetime, level: str) -> Snapshot:
    """Say what the snapshot that is open on the connection shows."""
    count = counted(connection, plan.source)
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
    rows = plan.select(at)
    together = grouped(connection, rows, list(names.values()), most=MOST_COMBINED)
    if len(together) > MOST_COMBINED:
        each = [grouped(connection, rows, [name], most=MOST_VALUES) for name in names.values()]
    else:
        each = [[(row[place], row[-1]) for row in together] for place in range(len(names))]
    found = {key: summed(counted) for key, counted in zip(names, each, strict=True)}
    return {key: counted for key, counted in found.items() if len(counted) <= MOST_VALUES}


def grouped(
    connection: BaseDatabaseWrapper, rows: "QuerySet[Any, Any]", names: Sequence[str], *, most: int
) -> list[tuple[Any, ...]]:
    """Count rows by some of their values together; one more group than `most` says too many."""
    counting = rows.order_by().values_list(*names).annotate(wb_rows=Count("*"))
    statement = compiled(connection, counting.order_by()[: most + 1])
    if statement is None:
        return []
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        return list(cursor.fetchall())


def summed(counted: Iterable[tuple[Any, int]]) -> tuple[tuple[str, int], ...]:
    """Add up the rows of each value, most first, null as an empty text."""
    sums: dict[str, int] = {}
    for value, rows in counted:
        shown = "" if value is None else str(value)
        sums[shown] = sums.get(shown, 0) + rows
    return tuple(sorted(sums.items(), key=lambda one: (-one[1], one[0])))
