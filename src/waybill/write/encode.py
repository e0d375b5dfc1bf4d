"""Rows of a snapshot become the bytes of a file, hashed and counted on the way."""

import hashlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from waybill import errors
from waybill.protocols import Sink, Source, Writer
from waybill.values import Block, Chunk, Plan, Written
from waybill.write.csv import CsvWriter
from waybill.write.gzip import gzipped
from waybill.write.json import JsonWriter, NdjsonWriter
from waybill.write.relay import Relay

if TYPE_CHECKING:
    from hashlib import _Hash

__all__ = ["WRITERS", "encode", "writer_for"]

WRITERS: dict[str, Writer] = {
    "csv": CsvWriter(),
    "json": JsonWriter(),
    "ndjson": NdjsonWriter(),
}

BLOCK_ROWS = 50_000


def writer_for(fmt: str) -> Writer:
    """Find the writer of a format; raises `FormatUnknown`."""
    try:
        return WRITERS[fmt]
    except KeyError:
        raise errors.FormatUnknown(field="format", value=fmt, accepted=WRITERS) from None


def encode(
    source: Source, plan: Plan, out: Sink, *, progress: Callable[[int], object] | None = None
) -> Written:
    """Write the file of a plan to `out`; `progress` hears of the rows so far, per chunk.

    Raises `CountMismatch` where the rows counted are not the rows written.
    """
    writer = writer_for(plan.format)
    with Relay() as relay:
        seals = Seals(relay, progress)
        ledger = Ledger(relay, out)
        pieces = writer.frame(plan, source.snapshot, seals.watch(source.rows(plan, writer)))
        for piece in gzipped(pieces) if plan.options.compression else pieces:
            ledger.take(piece)
    expected = source.snapshot.count - source.tally.failed
    if seals.rows != expected:
        raise errors.CountMismatch(counted=expected, read=seals.rows, written=seals.rows)
    return Written(
        rows=seals.rows,
        bytes=ledger.bytes,
        sha256=ledger.hash.hexdigest(),
        blocks=seals.blocks(),
        guarded=source.tally.guarded,
        failed=source.tally.failed,
    )


class Ledger:
    """Hashes and writes what a file is made of, in another thread."""

    def __init__(self, relay: Relay, out: Sink) -> None:
        self.relay = relay
        self.out = out
        self.hash = hashlib.sha256()
        self.bytes = 0

    def take(self, piece: bytes) -> None:
        """Take the next bytes of the file."""
        self.bytes += len(piece)
        self.relay.put(self.hash.update, piece)
        self.relay.put(self.out.write, piece)


class Seals:
    """Counts rows and hashes them by blocks of 50,000, in another thread."""

    def __init__(self, relay: Relay, progress: Callable[[int], object] | None) -> None:
        self.relay = relay
        self.progress = progress
        self.rows = 0
        self.open: list[tuple[int, _Hash]] = []

    def watch(self, chunks: Iterator[Chunk]) -> Iterator[Chunk]:
        """Pass the chunks on, each counted and hashed."""
        for chunk in chunks:
            if self.rows % BLOCK_ROWS == 0:
                self.open.append((self.rows, hashlib.sha256()))
            self.relay.put(self.open[-1][1].update, chunk.data)
            self.rows += chunk.rows
            if self.progress is not None:
                self.progress(self.rows)
            yield chunk

    def blocks(self) -> tuple[Block, ...]:
        """Give the finished blocks; to be called once the other thread is done."""
        ends = [*(start for start, _ in self.open), self.rows][1:]
        return tuple(
            Block(rows=end - start, sha256=sealed.hexdigest())
            for (start, sealed), end in zip(self.open, ends, strict=False)  # no rows: no block
        )
