"""A queryset as SQL for one connection, and its exact count."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Count

from waybill.values import Plan, Snapshot

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["MOST_VALUES", "by_value", "compiled", "counted", "taken", "totals"]

MOST_VALUES = 200  # of a column, beyond which counting rows by them explains nothing


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
    found = {
        column.key: by_value(connection, plan.select(at), f"wb_{column.index}")
        for column in plan.columns
        if column.counted and not column.mask
    }
    return {key: counted for key, counted in found.items() if len(counted) <= MOST_VALUES}


def by_value(
    connection: BaseDatabaseWrapper, rows: "QuerySet[Any, Any]", name: str
) -> tuple[tuple[str, int], ...]:
    """Count rows by one of their values, most first, null as an empty text."""
    grouped = rows.order_by().values_list(name).annotate(wb_rows=Count("*"))
    statement = compiled(connection, grouped.order_by("-wb_rows", name)[: MOST_VALUES + 1])
    if statement is None:
        return ()
    together: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        for value, count in cursor.fetchall():
            shown = "" if value is None else str(value)
            together[shown] = together.get(shown, 0) + count
    return tuple(together.items())
