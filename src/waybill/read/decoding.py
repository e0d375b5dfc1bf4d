"""Texts of SQLite, which other programs may have filled with bytes that are no UTF-8."""

from collections.abc import Callable, Iterable, Iterator
from itertools import count, islice
from sqlite3 import OperationalError
from typing import Any

__all__ = ["lenient", "rows"]


def lenient(text: bytes) -> str:
    """Decode a text; bytes that are no UTF-8 become U+FFFD."""
    return text.decode(errors="replace")


def rows(
    connection: Any, found: Iterable[tuple[Any, ...]], again: Callable[[], object]
) -> Iterator[tuple[Any, ...]]:
    """Read rows with the driver's own decoding, and from a text that it refuses on with ours.

    `again` runs the query once more: the snapshot and the key at the end of its order make the
    rows the same. The driver's is faster, and a large text is there once less.
    """
    read = count()
    connection.text_factory = str
    try:
        yield from map(passed, found, read)
    except OperationalError as refused:
        if "decode to UTF-8" not in str(refused):
            raise
        connection.text_factory = lenient
        again()
        yield from islice(found, next(read), None)
    finally:
        connection.text_factory = lenient


def passed(row: tuple[Any, ...], number: int) -> tuple[Any, ...]:
    """Give a row of that number back: a loop would hold on to it while the next one is read."""
    return row
