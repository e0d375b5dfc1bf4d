"""The rows inside a finished file, found again without knowing how it was made."""

import gzip
import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, cast

from waybill.values import ONE_TABLE

__all__ = ["ROWS", "rows_of"]

READ_BYTES = 1 << 20
SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")
ZIP = b"PK\x03\x04"  # APPNOTE 4.3.7; no header of a table begins so


def rows_of(
    path: Path, *, form: str, compression: str, expected: int, longest: int | None = None
) -> Iterator[bytes]:
    """Yield the bytes of each row as they were hashed into the receipt's blocks.

    Excel's sheet of long texts is left out: it begins after the `expected` rows. Raises
    `ValueError`, `OSError`, `EOFError` or `zipfile.BadZipFile` for a file that is broken, and
    `ValueError` for a row of more than `longest` bytes: a stranger's file may be one endless row.
    """
    if form == "excel":
        yield from _excel(path, expected, longest)
        return
    with _table(path, form, compression) as source:
        lines = source if longest is None else _bounded(source, longest)
        yield from _csv(lines, longest) if form == "csv" else ROWS[form](lines)


@contextmanager
def _table(path: Path, form: str, compression: str) -> Iterator[IO[bytes]]:
    """Open what holds the rows: with child rows beside them, the first of the files in a ZIP.

    The file tells, not the receipt: the command line writes child rows to a file of their own.
    """
    with path.open("rb") as file:
        packed = form in ONE_TABLE and file.read(len(ZIP)) == ZIP
        file.seek(0)
        if packed:
            with zipfile.ZipFile(file) as tables:
                first = min(tables.infolist(), key=lambda part: part.header_offset)
                with tables.open(first) as table:
                    yield cast("IO[bytes]", io.BufferedReader(cast("io.RawIOBase", table)))
        else:
            yield cast("IO[bytes]", gzip.GzipFile(fileobj=file) if compression else file)


def _bounded(source: IO[bytes], longest: int) -> Iterator[bytes]:
    for line in iter(partial(source.readline, longest + 1), b""):
        _check(len(line), longest)
        yield line


def _check(size: int, longest: int | None) -> None:
    if longest is not None and size > longest:
        raise ValueError(f"a row of more than {longest} bytes")


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
    count = 0
    with zipfile.ZipFile(path) as book:
        sheets = [part for part in book.infolist() if SHEET.fullmatch(part.filename)]
        # In the order in which they were written: rows first, long texts after them.
        for part in sorted(sheets, key=lambda part: part.header_offset):
            if count >= expected:
                return
            with book.open(part) as sheet:
                for row in _worksheet(sheet, longest):
                    count += 1
                    yield row


def _worksheet(sheet: IO[bytes], longest: int | None) -> Iterator[bytes]:
    """Find the rows written by us: `<row>` without attributes, unlike the header's."""
    rest = b""
    for piece in iter(partial(sheet.read, READ_BYTES), b""):
        *whole, rest = (rest + piece).split(b"</row>")
        _check(len(rest), longest)
        for row in whole:
            begin = row.rfind(b"<row>")
            if begin >= 0:
                yield row[begin:] + b"</row>"
