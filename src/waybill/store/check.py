"""A file compared with its receipt while it comes in: nothing of it is kept (J6)."""

import hashlib
import os
import threading
from collections.abc import Mapping
from contextlib import suppress
from io import BufferedReader
from typing import Any

from waybill.store.rows import RowTooLong, rows_in
from waybill.store.verify import BROKEN, LONGEST_ROW, Verdict, blocks_of, compared
from waybill.values import Block

__all__ = ["Check"]

READ_BYTES = 1 << 20


class Check:
    """One file that comes in pieces.

    A thread looks for its rows in a pipe of 64 KB, so a file that comes faster than it is read
    waits, and no more of it is held than a row. Close it whatever happens.
    """

    def __init__(self, receipt: Mapping[str, Any]) -> None:
        """Begin with a receipt of ours."""
        self._receipt = receipt
        self._digest, self._size = hashlib.sha256(), 0
        self._blocks: list[Block] = []
        self._problem: Exception | None = None
        reading, writing = os.pipe()
        self._pipe = os.fdopen(writing, "wb")
        self._thread = threading.Thread(
            target=self._look, args=(os.fdopen(reading, "rb"),), daemon=True
        )
        self._thread.start()

    def feed(self, piece: bytes) -> None:
        """Take the next bytes of the file."""
        self._digest.update(piece)
        self._size += len(piece)
        with suppress(BrokenPipeError):
            self._pipe.write(piece)

    def verdict(self) -> Verdict:
        """Say what the whole file is like."""
        self.close()
        digest = self._digest.hexdigest()
        return compared(self._receipt, size=self._size, digest=digest, read=self._read)

    def close(self) -> None:
        """End, also in the middle of the file."""
        with suppress(BrokenPipeError):
            self._pipe.close()
        self._thread.join()

    def _look(self, source: BufferedReader) -> None:
        said = self._receipt
        with source:
            try:
                found = rows_in(
                    source,
                    form=said["format"],
                    compression=said["options"].get("compression", ""),
                    expected=said["rows"],
                    longest=LONGEST_ROW,
                )
                self._blocks = list(blocks_of(found))
            except BROKEN as problem:
                self._problem = problem
            while source.read(READ_BYTES):
                pass

    def _read(self, *, changed: bool) -> list[Block]:
        # A row longer than may be held, in a file that is byte by byte the one that was made.
        if isinstance(self._problem, RowTooLong) and not changed:
            return [Block(**block) for block in self._receipt["blocks"]]
        if self._problem is not None:
            raise self._problem
        return self._blocks
