"""A database connection of the export's own, outside every transaction of the caller."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import InterfaceError, OperationalError

from waybill import errors

__all__ = ["stoppable", "translated", "unshared"]


@contextmanager
def unshared(alias: str, **driver_options: Any) -> Iterator[BaseDatabaseWrapper]:
    """Open a second connection to the database of that alias, and close it at the end.

    Raises `RowsUnseen` inside a `TestCase`, whose rows no second connection can see.
    """
    shared = connections[alias]
    if any(getattr(block, "_from_testcase", False) for block in shared.atomic_blocks):
        raise errors.RowsUnseen(
            "a TestCase never commits its rows, and an export reads on a connection of its own: "
            "use TransactionTestCase, or django_db(transaction=True)"
        )
    connection = shared.copy()
    connection.settings_dict["OPTIONS"] = {**connection.settings_dict["OPTIONS"], **driver_options}
    connection.inc_thread_sharing()  # the heartbeat's thread may end the query
    try:
        with translated():
            connection.ensure_connection()
        yield connection
    finally:
        connection.dec_thread_sharing()
        connection.close()


@contextmanager
def translated(*more: type[Exception]) -> Iterator[None]:
    """Turn "the database went away" into `SourceGone`, which is worth another attempt."""
    try:
        yield
    except Exception as gone:
        if isinstance(gone, (OperationalError, InterfaceError, *more)):
            raise errors.SourceGone from gone
        raise


@contextmanager
def stoppable(stopped: Event, connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Tell a query that somebody ended from a database that went away.

    The driver's own errors count too: what reads a COPY passes Django's wrapper by.
    """
    driver: Any = connection.Database  # type: ignore[attr-defined]
    try:
        with translated(driver.OperationalError, driver.InterfaceError):
            yield
    except errors.SourceGone:
        if stopped.is_set():
            raise errors.RunStopped from None
        raise
