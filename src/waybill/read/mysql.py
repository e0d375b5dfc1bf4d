"""MySQL and MariaDB: one consistent snapshot on a connection of its own.

Rows are read unbuffered (`SSCursor`): the default cursor holds the whole result in memory.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

from waybill import clock, conf, errors
from waybill.protocols import Begun
from waybill.read.connection import translated, unshared
from waybill.read.statements import taken
from waybill.read.stream import StreamSource
from waybill.read.tables import plan_tables
from waybill.values import Plan

__all__ = ["LEVEL", "opened"]

LEVEL = "repeatable read"

# Seconds that the server may wait for a reader that is slow, or busy between two queries.
PATIENCE = 8 * 60 * 60
SESSION = (
    f"SET SESSION net_write_timeout = {PATIENCE}, wait_timeout = {PATIENCE}",
    # Beyond it GROUP_CONCAT cuts the text without an error: 1 KiB by default on MySQL.
    "SET SESSION group_concat_max_len = 4294967295",
)
NO_LIMIT = {True: "SET SESSION max_statement_time = 0", False: "SET SESSION max_execution_time = 0"}
BEGIN = ("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "START TRANSACTION READ ONLY")


@contextmanager
def opened(plan: Plan, begun: Begun) -> Iterator[StreamSource]:
    """Open the snapshot of a plan and its children, and end it with the block.

    Raises `SnapshotImpossible` for tables whose engine has no snapshots.
    """
    from MySQLdb.cursors import SSCursor

    with unshared(plan.database, cursorclass=SSCursor) as connection, translated():
        names = sorted(plan_tables(plan))
        with connection.cursor() as cursor:
            for statement in SESSION:
                cursor.execute(statement)
            cursor.execute(NO_LIMIT[bool(getattr(connection, "mysql_is_mariadb", False))])
            cursor.execute(f"SET SESSION lock_wait_timeout = {conf.settings().lock_seconds}")
        begun(lambda: kill_query(connection))
        refuse_without_snapshots(connection, names)
        locked(connection, names)
        fixed(connection, names)
        at = clock.now(connection)
        yield StreamSource(
            connection,
            taken(connection, plan, at, LEVEL),
            lambda: kill_query(connection),
        )


def locked(connection: BaseDatabaseWrapper, names: list[str]) -> None:
    """Begin, and take each table's metadata lock: a TRUNCATE or ALTER then waits.

    No row is looked at yet, so no instant is fixed. The other way round, by `WITH CONSISTENT
    SNAPSHOT`, a table emptied in between reads as empty, without an error.
    """
    with connection.cursor() as cursor:
        for statement in BEGIN:
            cursor.execute(statement)
        for name in names:
            # The quoted names of the query's own tables.
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(name)} LIMIT 0")  # noqa: S608


def fixed(connection: BaseDatabaseWrapper, names: list[str]) -> None:
    """Fix the instant for every table by looking at a row of one."""
    with connection.cursor() as cursor:
        for name in names[:1]:
            # The quoted name of one of them.
            cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(name)} LIMIT 1")  # noqa: S608


def refuse_without_snapshots(connection: BaseDatabaseWrapper, names: list[str]) -> None:
    """Refuse tables that do not take part in transactions, such as MyISAM's."""
    places = ", ".join(["%s"] * len(names))
    with connection.cursor() as cursor:
        cursor.execute(
            # As many marks as names, and nothing else.
            "SELECT table_name, engine FROM information_schema.tables "  # noqa: S608
            "WHERE table_schema = DATABASE() AND engine <> 'InnoDB' "
            f"AND table_name IN ({places}) ORDER BY table_name",
            names,
        )
        found = cursor.fetchall()
    if found:
        said = ", ".join(f"{name} ({engine})" for name, engine in found)
        raise errors.SnapshotImpossible(f"tables without consistent reads: {said}; use InnoDB")


def kill_query(connection: BaseDatabaseWrapper) -> None:
    """End what a connection runs, by way of another one."""
    raw: Any = connection.connection
    if raw is None:
        return
    number = raw.thread_id()
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(f"KILL QUERY {int(number)}")
    finally:
        other.close()
