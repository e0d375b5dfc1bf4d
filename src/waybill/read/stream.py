"""Any database: one query streamed as tuples, rendered in Python.

The drivers of SQLite and MySQL and PostgreSQL's server-side cursors all hand out a result row by
row, so the database sorts once and as it sorts, nulls, ties and collations included. Pages by key
were 1.4 times slower over an index and seven times without one
(`docs/decisions/stream-instead-of-pages.md`).
"""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing
from datetime import datetime
from threading import Event
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from waybill import errors
from waybill.protocols import Writer
from waybill.read import batches, decoding
from waybill.read.computed import computed, settled
from waybill.read.connection import stoppable
from waybill.read.statements import counted
from waybill.values import Chunk, Plan, Snapshot, Tally

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["StreamSource", "rendered", "tuples"]


class StreamSource:
    """Rows of one snapshot of any database; `interrupt` ends the query that runs."""

    def __init__(
        self,
        connection: BaseDatabaseWrapper,
        snapshot: Snapshot,
        interrupt: Callable[[], object],
    ) -> None:
        self.connection = connection
        self.snapshot = snapshot
        self.tally = Tally()
        self.stopped = Event()
        self.interrupt = interrupt

    def rows(self, plan: Plan, writer: Writer) -> Generator[Chunk]:
        """Render the plan's rows in Python; raises `RunStopped`, `RowFailed`, `SourceGone`."""
        with stoppable(self.stopped, self.connection):
            for chunk in rendered(self.connection, plan, writer, self.snapshot.at, self.tally):
                if self.stopped.is_set():
                    raise errors.RunStopped
                yield chunk

    def count(self, plan: Plan) -> int:
        """Count the rows of the plan, or of one of its children."""
        return counted(self.connection, plan, self.snapshot.at)

    def stop(self) -> None:
        """End the query that runs; the reader then raises `RunStopped`."""
        self.stopped.set()
        self.interrupt()


def rendered(
    connection: BaseDatabaseWrapper, plan: Plan, writer: Writer, at: datetime, tally: Tally
) -> Iterator[Chunk]:
    """Render the rows of a plan on a connection whose snapshot is open."""
    render = writer.row(settled(plan), tally)
    with closing(tuples(connection, plan.select(at), plan.options.zone)) as found:
        rows = computed(plan, found, tally) if plan.portable else found
        yield from batches.chunks(map(render, rows))


def tuples(
    connection: BaseDatabaseWrapper, rows: "QuerySet[Any, Any]", zone: str
) -> Generator[tuple[Any, ...]]:
    """Stream the rows of a `values_list` query, each value as its field gives it to Python."""
    compiler = rows.query.get_compiler(connection=connection)
    try:
        with timezone.override(ZoneInfo(zone)):
            sql, params = compiler.as_sql()
    except EmptyResultSet:
        return
    selected = [one for one, _, _ in compiler.select or ()]
    changes = [
        (place, changing(converters, expression, connection))
        for place, (converters, expression) in compiler.get_converters(selected).items()
    ]
    cursor = connection.chunked_cursor()
    try:
        cursor.execute(sql, params)
        # The driver's cursor and plain functions: no frame holds on to a row that was passed on.
        raw: Iterable[tuple[Any, ...]] = cursor.cursor
        if connection.vendor == "sqlite":
            raw = decoding.rows(connection.connection, raw, lambda: cursor.execute(sql, params))
        yield from map(changed(changes), raw) if changes else raw
    except BaseException:
        connection.close()  # a driver asked to close a half-read result would read all of it
        raise
    cursor.close()


type Change = Callable[[Any], Any]


def changed(
    changes: list[tuple[int, Change]],
) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    """Give the function that changes the values at some places of a row."""

    def change_row(row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for place, change in changes:
            if values[place] is not None:
                values[place] = change(values[place])
        return tuple(values)

    return change_row


def changing(
    converters: list[Callable[..., Any]], expression: Any, connection: BaseDatabaseWrapper
) -> Change:
    """Make one function of the converters of an expression."""
    if len(converters) == 1:
        (only,) = converters
        if only == getattr(connection.ops, "convert_datetimefield_value", None):
            return aware(only, expression, connection)
        if only == getattr(connection.ops, "convert_booleanfield_value", None):
            return bool  # what is there is never null
        return lambda value: only(value, expression, connection)

    def change(value: Any) -> Any:
        for converter in converters:
            value = converter(value, expression, connection)
        return value

    return change


def aware(
    converter: Callable[..., Any], expression: Any, connection: BaseDatabaseWrapper
) -> Change:
    """Do as Django's converter of date-times, which looks at three settings for every value."""
    zone = connection.timezone
    if zone is None:
        return lambda value: converter(value, expression, connection)

    def change(value: Any) -> Any:
        if type(value) is datetime and value.tzinfo is None:
            return value.replace(tzinfo=zone)
        return converter(value, expression, connection)

    return change
