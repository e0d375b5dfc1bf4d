"""The rows inside a finished file, found again without knowing how it was made."""

import gzip
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import IO, Any, cast

from waybill.store import unzip
from waybill.values import ONE_TABLE

__all__ = ["ROWS", "RowTooLong", "rows_in", "rows_of"]

READ_BYTES = 1 << 20
SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")
ZIP = b"PK\x03\x04"  # APPNOTE 4.3.7; no header of a table begins so


class RowTooLong(ValueError):
    """A row has more bytes than may be held."""


def rows_of(
    path: Path, *, form: str, compression: str, expected: int, longest: int | None = None
) -> Iterator[bytes]:
    """Yield the bytes of each row as they were hashed into the receipt's blocks.

    Excel's sheet of long texts is left out: it begins after the `expected` rows. Raises
    `ValueError`, `OSError`, `EOFError` or `zipfile.BadZipFile` for a file that is broken, and
    `RowTooLong` for a row of more than `longest` bytes: a stranger's file may be one endless row.
    """
    if form == "excel":
        yield from _excel(path, expected, longest)
        return
    with path.open("rb") as file:
        yield from _lines(file, form, compression, longest)


def rows_in(
    file: io.BufferedReader, *, form: str, compression: str, expected: int, longest: int | None
) -> Iterator[bytes]:
    """Yield the same from a stream, which is read once from its begin; raises `zlib.error` too."""
    if form == "excel":
        yield from _sheets(unzip.members(file), expected, longest)
    else:
        yield from _lines(file, form, compression, longest)


def _lines(
    file: io.BufferedReader, form: str, compression: str, longest: int | None
) -> Iterator[bytes]:
    source = _table(file, form, compression)
    lines = source if longest is None else _bounded(source, longest)
    yield from _csv(lines, longest) if form == "csv" else ROWS[form](lines)


def _table(file: io.BufferedReader, form: str, compression: str) -> IO[bytes]:
    """Find what holds the rows: with child rows beside them, the first of the files in a ZIP.

    The file tells, not the receipt: the command line writes child rows to a file of their own.
    """
    if form in ONE_TABLE and file.peek(len(ZIP)).startswith(ZIP):
        _name, pieces = next(unzip.members(file))
        return cast("IO[bytes]", io.BufferedReader(_Pieces(pieces)))
    return cast("IO[bytes]", gzip.GzipFile(fileobj=file) if compression else file)


class _Pieces(io.RawIOBase):
    """A stream over the pieces of one member."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int:
        piece = self._rest or next(self._pieces, b"")
        size = min(len(room), len(piece))
        room[:size], self._rest = piece[:size], piece[size:]
        return size


def _bounded(source: IO[bytes], longest: int) -> Iterator[bytes]:
    for line in iter(partial(source.readline, longest + 1), b""):
        _check(len(line), longest)
        yield line


def _check(size: int, longest: int | None) -> None:
    if longest is not None and size > longest:
        raise RowTooLong(f"a row of more than {longest} bytes")


def _csv(source: Iterable[bytes], longest: int | None) -> Iterator[bytes]:
    records = _records(source, longest)
    next(records, b"")
    yield from records


def _records(source: Iterable[bytes], longest: int | None) -> Iterator[bytes]:
    """Split at line feeds outside of quotes (RFC 4180): an even number of quotes ends a record."""
    held: list[bytes] = []
    quotes = size = 0
    for line in source:
        quotes += line.count(b'"')
        if quotes % 2:
            held.append(line)
            size += len(line)
            _check(size, longest)
            continue
        if held:
            line = b"".join((*held, line))  # noqa: PLW2901 - the whole record
            held.clear()
        quotes = size = 0
        yield line
    if held:
        yield b"".join(held)


def _ndjson(source: Iterable[bytes]) -> Iterator[bytes]:
    yield from source


def _json(source: Iterable[bytes]) -> Iterator[bytes]:
    lines = iter(source)
    for line in lines:
        if line.startswith(b'"data": ['):
            break
    for line in lines:
        if line.startswith(b"]"):  # a row starts with a brace; lists of child rows may follow
            break
        yield line[:-2] + b"\n" if line.endswith(b",\n") else line


ROWS: Mapping[str, Callable[[Iterable[bytes]], Iterator[bytes]]] = {
    "ndjson": _ndjson,
    "json": _json,
}


def _excel(path: Path, expected: int, longest: int | None) -> Iterator[bytes]:
    with zipfile.ZipFile(path) as book:
        parts = sorted(book.infolist(), key=lambda part: part.header_offset)
        yield from _sheets(
            ((part.filename, _pieces(book, part)) for part in parts), expected, longest
        )


def _pieces(book: zipfile.ZipFile, part: zipfile.ZipInfo) -> Iterator[bytes]:
    with book.open(part) as opened:
        yield from iter(partial(opened.read, READ_BYTES), b"")


def _sheets(
    members: Iterable[tuple[str, Iterable[bytes]]], expected: int, longest: int | None
) -> Iterator[bytes]:
    """Read the sheets in the order in which they were written: rows first, long texts after."""
    count = 0
    for name, pieces in members:
        if not SHEET.fullmatch(name):
            continue
        if count >= expected:
            return
        for row in _worksheet(pieces, longest):
            count += 1
            yield row


def _worksheet(sheet: Iterable[bytes], longest: int | None) -> Iterator[bytes]:
    """Find the rows written by us: `<row>` without attributes, unlike the header's."""
    rest = b""
    for piece in sheet:
        *whole, rest = (rest + piece).split(b"</row>")
        _check(len(rest), longest)
        for row in whole:
            begin = row.rfind(b"<row>")
            if begin >= 0:
                yield row[begin:] + b"</row>"
