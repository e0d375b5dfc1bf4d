"""A ZIP file as a stream, its large parts compressed in a second thread."""

import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from typing import Any, cast

from isal import isal_zlib
from stream_zip import ZIP_32, ZIP_64, Method, stream_zip

__all__ = ["LARGEST_PART", "archived"]

# Excel takes a ZIP64 entry only where the sizes need it, and a stream does not know them before:
# so a part stays below 4 GiB, and only what begins beyond 4 GiB of the file is a ZIP64 entry.
LARGEST_PART = 4_000_000_000
SAFE_OFFSET = 0xFFFFFFFF - 64 * 1024 * 1024

LEVEL = 1  # igzip's fastest that still looks for repeats; not measured against its other levels
WAITING = 8  # pieces of 256 KiB that may wait for the other thread
SMALL_BYTES = 32 * 1024  # handing less over takes longer than compressing it
PIECE_BYTES = 256 * 1024
EPOCH = datetime(1980, 1, 1)  # noqa: DTZ001 - ZIP has no zones; fixed, so that equal rows give equal parts
MODE = 0o600


class Fitting(Method):
    """Takes ZIP64 only where the entry begins too far into the file for anything else."""

    def _get(self, offset: int, default: Callable[[], Any]) -> Any:
        return (ZIP_64 if offset > SAFE_OFFSET else ZIP_32)._get(offset, default)  # noqa: SLF001


class Press:
    """Compresses in a thread of the pool, so that reading goes on meanwhile; small data here."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self.pool = pool
        self.inner = isal_zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        self.waiting: deque[Future[bytes]] = deque()

    def compress(self, data: bytes) -> bytes:
        """Take data; give what is ready of earlier data."""
        if len(data) <= SMALL_BYTES and not self.waiting:
            return self.inner.compress(data)
        self.waiting.append(self.pool.submit(self.inner.compress, data))
        if len(self.waiting) > WAITING:
            return self.waiting.popleft().result()
        return b""

    def flush(self) -> bytes:
        """Give the rest."""
        rest = [one.result() for one in self.waiting]
        return b"".join([*rest, self.inner.flush()])


def archived(
    parts: Iterable[tuple[str, Iterable[bytes]]], *, unbounded: bool = False
) -> Iterator[bytes]:
    """Pack named parts, each consumed before the next is asked for, into one ZIP file.

    Parts that are not `unbounded` have at most `LARGEST_PART` bytes, as Excel needs it.
    """
    method = ZIP_64 if unbounded else Fitting()
    with ThreadPoolExecutor(1, thread_name_prefix="waybill-press") as pool:
        yield from stream_zip(
            ((name, EPOCH, MODE, method, data) for name, data in parts),
            chunk_size=PIECE_BYTES,
            get_compressobj=lambda: cast("Any", Press(pool)),
            extended_timestamps=False,
        )
