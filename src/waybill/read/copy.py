"""PostgreSQL: one COPY in a read-only repeatable-read transaction gives finished rows."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import psycopg
from django.db import DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from waybill import clock, conf, errors
from waybill.protocols import Begun, Writer
from waybill.read import batches, wire, zones
from waybill.read.connection import stoppable, translated, unshared
from waybill.read.lent import Canceling, lent
from waybill.read.statements import compiled, taken
from waybill.read.stream import StreamSource
from waybill.read.tables import plan_tables, unmanaged
from waybill.values import Chunk, Plan

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["LEVEL", "CopySource", "borrowed", "copied"]

LEVEL = "repeatable read"
BINARY = "FORMAT binary"
BINARY_HEADER_BYTES = 19
FIELD_BYTES = 6

# SET takes no snapshot, unlike set_config() in a SELECT: the tables are locked before it is taken.
SETTINGS = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
    "SET LOCAL datestyle = 'ISO, YMD'",
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL intervalstyle = 'postgres'",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL jit = off",  # compiling costs a second, and the rows of one COPY win none of it
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL waybill.guarded = '0'",
)

GUARDED = "SELECT current_setting('waybill.guarded')"


class CopySource(StreamSource):
    """Rows of one PostgreSQL snapshot."""

    guarded = 0  # cells, as the server counts them

    def rows(self, plan: Plan, writer: Writer) -> Generator[Chunk]:
        """Have the plan's rows rendered by one COPY; raises `CountMismatch`, `RunStopped`.

        It begins at once, so that the server works while the caller gets ready for the rows.
        Where a column needs Python, they come by a server-side cursor in the same snapshot.
        """
        if plan.portable:
            return super().rows(plan, writer)
        with stoppable(self.stopped, self.connection):
            return self.received(self.sent(plan, writer))

    def sent(self, plan: Plan, writer: Writer) -> tuple[wire.Copied, bool] | None:
        """Send the COPY; say whether it is a binary one. None where it can give no row."""
        chosen = plan.select(self.snapshot.at)
        if zones.indifferent(chosen.query):
            plan = replace(plan, session_zone=plan.options.zone)
        statement = copy_statement(self.connection, plan, writer, chosen)
        if statement is None:
            return None
        with self.connection.cursor() as cursor:
            cursor.execute("SET LOCAL timezone = %s", [plan.session_zone or "UTC"])
            sql = mogrified(cursor, f"{statement[0]}; {GUARDED}", statement[1])
        copied = wire.Copied(self.connection.connection, sql)
        copied.send()
        return copied, writer.sql(plan).options == BINARY

    def received(self, sent: tuple[wire.Copied, bool] | None) -> Generator[Chunk]:
        """Receive the rows; as many as the server says."""
        if sent is None:
            return
        copied, binary = sent
        with stoppable(self.stopped, self.connection):
            received = 0
            for chunk in batches.chunks(fields(copied) if binary else copied):
                received += chunk.rows
                yield chunk
            if copied.tag != received:
                raise errors.CountMismatch(counted=copied.tag, read=received, written=received)
            # Rows of other plans that Python rendered are in the tally, but unknown to the server.
            self.tally.guarded += int(copied.last) - self.guarded
            self.guarded = int(copied.last)


@contextmanager
def copied(plan: Plan, begun: Begun) -> Iterator[CopySource]:
    """Open the snapshot of a plan and its children on a connection of its own, for the block."""
    with unshared(plan.database) as connection, translated():
        yield taken_on(connection, plan, begun, Canceling(connection), "BEGIN", *SETTINGS)


@contextmanager
def borrowed(plan: Plan, begun: Begun) -> Iterator[CopySource]:
    """Open the snapshot on the connection of this thread, where nothing else can be in its way.

    A new connection takes longer than the export of a few rows. It gets one all the same amid
    a transaction, and where Python computes columns: that code may have queries of its own.
    """
    connection = connections[plan.database]
    with translated():
        free = connection.get_autocommit()
    if not free or any(one.portable for one in (plan, *plan.children)):
        with copied(plan, begun) as source:
            yield source
        return
    with translated(), lent(connection) as interrupt:
        yield taken_on(connection, plan, begun, interrupt, *SETTINGS)


def taken_on(
    connection: BaseDatabaseWrapper,
    plan: Plan,
    begun: Begun,
    interrupt: Callable[[], object],
    *opening: str,
) -> CopySource:
    """Lock the tables and take the snapshot, `interrupt` being what ends a query meanwhile."""
    begun(interrupt)
    patience = f"SET LOCAL lock_timeout = '{conf.settings().lock_seconds}s'"
    names = plan_tables(plan)
    others = unmanaged(names)
    with connection.cursor() as cursor:
        # In one message: each of its own would be another way to the server and back.
        locks = [lock_statement(connection, names - others)] if names - others else []
        cursor.execute("; ".join((*opening, patience, *locks)))
        for name in sorted(others):
            lock_if_it_can_be(cursor, lock_statement(connection, [name]))
    at = clock.now(connection)
    return CopySource(connection, taken(connection, plan, at, LEVEL), interrupt)


def fields(messages: Iterable[Any]) -> Iterator[bytes]:
    """Give the only field of each row of a binary COPY.

    A row is one message: its number of fields (2 bytes), the field's length (4), the field. The
    header stands before the first one, and -1 fields mark the end.
    """
    skipped = BINARY_HEADER_BYTES + FIELD_BYTES
    for message in messages:
        if len(message) >= skipped:
            yield message[skipped:]
            skipped = FIELD_BYTES


def lock_statement(connection: BaseDatabaseWrapper, names: Iterable[str]) -> str:
    """Lock what will be read: an old snapshot after a TRUNCATE gives no rows and no error."""
    quoted = ", ".join(map(connection.ops.quote_name, sorted(names)))
    return f"LOCK TABLE {quoted} IN ACCESS SHARE MODE"


def lock_if_it_can_be(cursor: Any, statement: str) -> None:
    """Lock a table that may be a materialized view or a foreign table: nobody can lock these."""
    try:
        cursor.execute(f"SAVEPOINT waybill_lock; {statement}; RELEASE SAVEPOINT waybill_lock")
    except DatabaseError as problem:
        if not isinstance(problem.__cause__, psycopg.errors.WrongObjectType):
            raise
        cursor.execute("ROLLBACK TO SAVEPOINT waybill_lock")


def mogrified(cursor: Any, sql: str, params: tuple[Any, ...]) -> str:
    """Put the parameters into a statement that takes none, quoted by psycopg."""
    client = psycopg.ClientCursor(cursor.connection)
    return client.mogrify(sql, params)


def copy_statement(
    connection: BaseDatabaseWrapper, plan: Plan, writer: Writer, chosen: "QuerySet[Any, Any]"
) -> tuple[str, tuple[Any, ...]] | None:
    """Put the writer's rendering around the inner query; None where it can give no row."""
    inner = compiled(connection, chosen, plan.options.zone)
    if inner is None:
        return None
    rendering = writer.sql(plan)
    names = ", ".join(f"c{place + 1}" for place in range(plan.width))
    shown = ", ".join(rendering.select)
    sql = (
        f"COPY (SELECT {shown} FROM ({inner[0]}) AS r({names})) "  # noqa: S608 - values are parameters
        f"TO STDOUT WITH ({rendering.options})"
    )
    return sql, inner[1]
