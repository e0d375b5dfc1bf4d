"""The database's clock, on every database that Waybill reads."""

from datetime import UTC, datetime

from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["now"]

CLOCKS = {
    "postgresql": "SELECT clock_timestamp()",
    "mysql": "SELECT UTC_TIMESTAMP(6)",
    "sqlite": "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')",
}


def now(connection: BaseDatabaseWrapper) -> datetime:
    """Read the clock of the database behind a connection (UTC)."""
    sql = CLOCKS.get(connection.vendor, "SELECT CURRENT_TIMESTAMP")
    with connection.cursor() as cursor:
        cursor.execute(sql)
        (found,) = cursor.fetchone()
    moment: datetime = datetime.fromisoformat(found) if isinstance(found, str) else found
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
