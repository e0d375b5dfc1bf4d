"""Lines of a file, plain or compressed, one at a time."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from isal import igzip, isal_zlib

__all__ = ["LONGEST_LINE", "BrokenFile", "read_lines"]

LONGEST_LINE = 64 * 1024 * 1024  # bytes; a line is held whole, so this bounds the memory
GZIP_MAGIC = b"\x1f\x8b"
DAMAGED = (EOFError, gzip.BadGzipFile, cast("type[Exception]", isal_zlib.error))
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class BrokenFile(Exception):
    """A compressed file that ends early or does not unpack; the lines before it were read."""


def read_lines(path: Path) -> Iterator[tuple[int, bytes | None]]:
    """Yield each line that is not blank with its number, from 1.

    A line of more than `LONGEST_LINE` bytes comes as None. Raises `BrokenFile` after the last
    whole line of a damaged file, `OSError` where it cannot be read.
    """
    with _opened(path) as file:
        number = 0
        while True:
            number += 1
            try:
                line = _next_line(file)
            except DAMAGED as error:
                raise BrokenFile(number) from error
            if line == b"":
                return
            if number == 1 and line is not None:
                line = line.removeprefix(BYTE_ORDER_MARK)
            if line is None or line.strip():
                yield number, line


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    with path.open("rb") as plain:
        packed = plain.read(2) == GZIP_MAGIC
        plain.seek(0)
        if not packed:
            yield plain
            return
        with igzip.open(plain) as unpacked:  # type: ignore[no-untyped-call]
            yield cast("BinaryIO", unpacked)


def _next_line(file: BinaryIO) -> bytes | None:
    line = file.readline(LONGEST_LINE)
    if len(line) < LONGEST_LINE or line.endswith(b"\n"):
        return line
    while (rest := file.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass
    return None
