"""A queryset as SQL for one connection, and its exact count."""

from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["compiled", "counted"]


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
        cursor.execute(f"SELECT count(*) FROM ({statement[0]}) AS r", statement[1])  # noqa: S608
        (count,) = cursor.fetchone()
    return int(count)
