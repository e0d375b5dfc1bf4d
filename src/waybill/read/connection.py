"""A database connection of the export's own, outside every transaction of the caller."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import InterfaceError, OperationalError

from waybill import errors

__all__ = ["translated", "unshared"]


@contextmanager
def unshared(alias: str) -> Iterator[BaseDatabaseWrapper]:
    """Open a second connection to the database of that alias, and close it at the end."""
    connection = connections[alias].copy()
    connection.inc_thread_sharing()  # the heartbeat's thread may end the query
    try:
        with translated():
            connection.ensure_connection()
        yield connection
    finally:
        connection.dec_thread_sharing()
        connection.close()


@contextmanager
def translated() -> Iterator[None]:
    """Turn "the database went away" into `SourceGone`, which is worth another attempt."""
    try:
        yield
    except (OperationalError, InterfaceError) as gone:
        raise errors.SourceGone from gone
