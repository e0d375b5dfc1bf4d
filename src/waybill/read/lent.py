"""PostgreSQL: the connection of a thread, for an export between two of its transactions."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import TransactionStatus

__all__ = ["Canceling", "lent"]

BUSY = {TransactionStatus.ACTIVE, TransactionStatus.UNKNOWN}


@contextmanager
def lent(connection: BaseDatabaseWrapper) -> Iterator["Canceling"]:
    """Open a transaction on a connection of Django's; give what ends its query from any thread.

    Where a query was ended or is still running, the connection is closed: what follows must
    neither be hit by a cancel on its way nor wait for rows that nobody reads.
    """
    canceling = Canceling(connection)
    connection.inc_thread_sharing()
    try:
        with transaction.atomic(using=connection.alias, durable=True):
            try:
                yield canceling
            finally:
                if canceling.over() or busy(connection):
                    # In the block: Django would connect anew to roll back what it closed itself.
                    connection.close()
    finally:
        connection.dec_thread_sharing()


class Canceling:
    """Ends the query that runs on a connection of psycopg's, until it is `over`."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self.lock = Lock()
        self.running = True
        self.called = False

    def __call__(self) -> None:
        """End the query, if one runs; may be called from any thread."""
        raw: Any = self.connection.connection
        with self.lock:
            if self.running and raw is not None:
                self.called = True
                raw.cancel_safe()

    def over(self) -> bool:
        """End no query from now on; say whether one may have been ended."""
        with self.lock:
            self.running = False
            return self.called


def busy(connection: BaseDatabaseWrapper) -> bool:
    """Say whether a query runs, or the server does not answer any more."""
    raw: Any = connection.connection
    return raw is not None and raw.info.transaction_status in BUSY
