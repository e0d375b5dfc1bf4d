"""SQLite: one read transaction on a connection of its own.

In WAL mode the transaction sees one instant and never holds up a writer. `BEGIN IMMEDIATE`, which
a project may have set for its own transactions, would.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from waybill import clock, errors
from waybill.protocols import Begun
from waybill.read import decoding
from waybill.read.connection import translated, unshared
from waybill.read.statements import taken
from waybill.read.stream import StreamSource
from waybill.values import Plan

__all__ = ["LEVEL", "opened"]

LEVEL = "serializable"

# The first read is what fixes the instant, so one follows at once.
BEGIN = ("PRAGMA query_only = 1", "BEGIN DEFERRED", "SELECT count(*) FROM sqlite_master")


@contextmanager
def opened(plan: Plan, begun: Begun) -> Iterator[StreamSource]:
    """Open the snapshot of a plan and its children, and end it with the block.

    Raises `RowsUnseen` for a database in memory.
    """
    refuse_memory(connections[plan.database])
    with unshared(plan.database) as connection, translated():
        with connection.cursor() as cursor:
            for statement in BEGIN:
                cursor.execute(statement)
        raw: Any = connection.connection
        raw.text_factory = decoding.lenient
        begun(raw.interrupt)
        at = clock.now(connection)
        yield StreamSource(connection, taken(connection, plan, at, LEVEL), raw.interrupt)


def refuse_memory(connection: BaseDatabaseWrapper) -> None:
    """Refuse a database that a second connection cannot read beside the first."""
    name = str(connection.settings_dict["NAME"])
    if not name or ":memory:" in name or "mode=memory" in name:
        raise errors.RowsUnseen(
            "a SQLite database in memory has one connection only; exports need a file"
        )
