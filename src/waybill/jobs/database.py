"""The database of the job tables: its transactions, its clock, its locks."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.db import connections, router, transaction

from waybill.clock import now
from waybill.models import ExportJob

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.transaction import Atomic

__all__ = ["alias", "atomic", "clock", "connection", "lock_person", "take_write_lock"]


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
    """Read the database's clock, in UTC; never the start of the transaction."""
    return now(connection())


def lock_person(key: Any) -> None:
    """Let only one request of a person go on at a time, until the transaction ends."""
    features = connection().features
    people = get_user_model().objects.using(alias()).filter(pk=key)
    if not features.has_select_for_update:
        take_write_lock()
        return
    no_key = features.has_select_for_no_key_update
    list(people.select_for_update(no_key=no_key).values_list("pk"))


def take_write_lock() -> None:
    """Lock the whole database for writing where rows cannot be locked (SQLite), else nothing.

    An UPDATE takes the lock and a fresh view of the rows; a SELECT first would not.
    """
    if connection().features.has_select_for_update:
        return
    with connection().cursor() as cursor:
        cursor.execute("UPDATE waybill_audithead SET length = length WHERE 0 = 1")
