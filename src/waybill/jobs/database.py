"""The database of the job tables: its transactions, its clock, its locks."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import connections, router, transaction

from waybill.models import ExportJob

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.transaction import Atomic

__all__ = ["alias", "atomic", "clock", "connection", "lock_person"]

# Read after the lock, never the transaction's start: PostgreSQL's now() is the latter.
CLOCKS = {
    "postgresql": "SELECT clock_timestamp()",
    "mysql": "SELECT UTC_TIMESTAMP(6)",
    "sqlite": "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')",
}


def alias() -> str:
    """Name the database that the job tables are written to."""
    return router.db_for_write(ExportJob)


def atomic() -> "Atomic":
    """Open a transaction on the job tables."""
    return transaction.atomic(using=alias())


def connection() -> "BaseDatabaseWrapper":
    """Give this thread's connection to the job tables."""
    return connections[alias()]


def clock() -> datetime:
    """Read the database's clock, in UTC."""
    with connection().cursor() as cursor:
        cursor.execute(CLOCKS[connection().vendor])
        (found,) = cursor.fetchone()
    now: datetime = datetime.fromisoformat(found) if isinstance(found, str) else found
    return now.astimezone(UTC) if now.tzinfo else now.replace(tzinfo=UTC)


def lock_person(key: Any) -> None:
    """Let only one request of a person go on at a time, until the transaction ends."""
    features = connection().features
    people = get_user_model().objects.using(alias()).filter(pk=key)
    if not features.has_select_for_update:
        # SQLite: an UPDATE takes the write lock and a fresh view, a SELECT first would not.
        _take_write_lock()
        return
    no_key = features.has_select_for_no_key_update
    list(people.select_for_update(no_key=no_key).values_list("pk"))


def _take_write_lock() -> None:
    with connection().cursor() as cursor:
        cursor.execute("UPDATE waybill_audithead SET length = length WHERE 0 = 1")
