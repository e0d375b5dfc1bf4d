"""The database's clock, on every database that Waybill reads."""

from datetime import UTC, datetime, timedelta

from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["now"]

SQLITE_TICK = timedelta(microseconds=1)  # its clock shows milliseconds
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
    if connection.vendor == "sqlite":
        # It compares times as texts: without a fraction the one of a row would come after it.
        return datetime.fromisoformat(found).replace(tzinfo=UTC) + SQLITE_TICK
    moment: datetime = datetime.fromisoformat(found) if isinstance(found, str) else found
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
