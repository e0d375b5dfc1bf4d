"""Many rows at once: COPY, reserved ids, references checked per value rather than per row."""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import batched
from typing import Any

from django.db import connection, models, transaction

from desk.demo.load import binary

__all__ = [
    "bulk_transaction",
    "can_skip_row_checks",
    "copy_lines",
    "copy_rows",
    "escaped",
    "filled_whole",
    "find_ids",
    "hold_ids",
    "indexes_made_again",
    "reserve_ids",
]

INDEX_MEMORY = "512MB"
ROWS_A_WRITE = 500
# Long texts are compressed in a third of the time, where the server was built with it.
LONG_TEXTS = """
    SELECT set_config(name, 'lz4', true) FROM pg_settings
    WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)
"""


def copy_rows(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Store rows by COPY; `columns` are names of columns, in the order of each row's values.

    Values are texts, whole numbers, booleans, dates, times with a zone, or None.
    """
    encode = binary.encoder(model, tuple(columns))
    statement = _copy_into(model, columns) + " (FORMAT binary)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(binary.START)
        for some in batched(rows, ROWS_A_WRITE):
            copy.write(encode([*zip(*some, strict=True)]))
        copy.write(binary.END)


def copy_lines(model: type[models.Model], columns: Sequence[str], lines: Sequence[str]) -> None:
    """Store rows that are lines of COPY's text form already."""
    with connection.cursor() as cursor, cursor.copy(_copy_into(model, columns)) as copy:
        if lines:
            copy.write("\n".join(lines))
            copy.write("\n")


def escaped(text: str) -> str:
    """Escape for COPY's text form (PostgreSQL, COPY, "Text Format")."""
    for raw, safe in (("\\", r"\\"), ("\t", r"\t"), ("\n", r"\n"), ("\r", r"\r")):
        if raw in text:
            text = text.replace(raw, safe)
    return text


def _copy_into(model: type[models.Model], columns: Sequence[str]) -> str:
    quote = connection.ops.quote_name
    names = ", ".join(quote(column) for column in columns)
    return f"COPY {quote(model._meta.db_table)} ({names}) FROM STDIN"


def find_ids(
    model: type[models.Model], field: str, texts: Collection[str], *, source: str | None = None
) -> dict[str, int]:
    """Find ids by a column of text, or by one within a source."""
    if source is None:
        return _ids(model, field, texts, "", [])
    return _ids(model, field, texts, "AND source = %s", [source])


def hold_ids(model: type[models.Model], field: str, texts: Collection[str]) -> dict[str, int]:
    """Find ids by a column of text under KEY SHARE, the lock that a reference would take."""
    return _ids(model, field, texts, "FOR KEY SHARE", [])


def _ids(
    model: type[models.Model], field: str, texts: Collection[str], end: str, more: list[str]
) -> dict[str, int]:
    """Send the texts as one of JSON: thousands of parameters cost more than the whole look-up."""
    if not texts:
        return {}
    table = connection.ops.quote_name(model._meta.db_table)
    wanted = "ARRAY(SELECT json_array_elements_text(%s::json))"
    with connection.cursor() as cursor:
        cursor.execute(
            # Names of our own tables; what was loaded is a parameter.
            f"SELECT {field}, id FROM {table} WHERE {field} = ANY({wanted}) {end}",  # noqa: S608
            [json.dumps(list(texts)), *more],
        )
        return dict(cursor.fetchall())


def reserve_ids(model: type[models.Model], count: int) -> range:
    """Take the next ids from the table's sequence. The caller has locked the table for writes.

    A call of `nextval` for each of a million rows took 2.8 s.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(name, nextval(name) + %s - 1)"
            " FROM CAST(pg_get_serial_sequence(%s, 'id') AS regclass) AS name",
            [count, connection.ops.quote_name(model._meta.db_table)],
        )
        (last,) = cursor.fetchone()
    return range(last - count + 1, last + 1)


@contextmanager
def bulk_transaction(model: type[models.Model], *, skip_row_checks: bool) -> Iterator[None]:
    """Open a transaction in which nobody else writes the table; reading goes on.

    With `skip_row_checks` the server does not look up each row's references at commit, which is
    half of the whole load (15,167 tickets and 49,192 comments: 2.0 s with, 1.1 s without). The
    caller has locked every row referred to, which is what the look-up would do.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        table = connection.ops.quote_name(model._meta.db_table)
        first = [f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE", LONG_TEXTS]
        if skip_row_checks:
            first.append("SET LOCAL session_replication_role = replica")
        cursor.execute("; ".join(first))
        yield


def can_skip_row_checks(*tables: type[models.Model]) -> bool:
    """Say whether the person at the database may, and no other trigger would be skipped too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_parameter_privilege('session_replication_role', 'SET') AND NOT EXISTS ("
            " SELECT FROM pg_trigger WHERE tgrelid = ANY(%s::regclass[])"
            " AND NOT tgisinternal AND tgenabled <> 'A')",
            [[connection.ops.quote_name(table._meta.db_table) for table in tables]],
        )
        return bool(cursor.fetchone()[0])


@contextmanager
def filled_whole(*tables: type[models.Model]) -> Iterator[bool]:
    """Where the first of the tables is empty, fill them in one transaction without their indexes.

    Otherwise each portion of the rows is a transaction of its own, and others go on reading. Gives
    which of the two it is.
    """
    if tables[0]._default_manager.exists():
        yield False
        return
    with transaction.atomic(), indexes_made_again(*tables):
        yield True


@contextmanager
def indexes_made_again(*tables: type[models.Model]) -> Iterator[None]:
    """Drop the indexes of the tables and make them over all rows at the end.

    Worth it where more rows come than were there: kept up row by row, they are half of the time
    that the server needs. Unique ones stay. Nobody can read the tables until the transaction ends.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indrelid = ANY(%s::regclass[])"
            " AND NOT indisunique"
            " ORDER BY indexrelid",
            [[connection.ops.quote_name(table._meta.db_table) for table in tables]],
        )
        indexes = cursor.fetchall()
        # Checks that wait for the end of the transaction would forbid both.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        for name, _definition in indexes:
            cursor.execute(f"DROP INDEX {name}")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(f"SET LOCAL maintenance_work_mem = '{INDEX_MEMORY}'")
        for _name, definition in indexes:
            cursor.execute(definition)
