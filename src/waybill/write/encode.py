"""Rows of a snapshot become the bytes of a file, hashed and counted on the way."""

import hashlib
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from waybill import errors
from waybill.protocols import Sink, Source, Writer
from waybill.values import Block, Chunk, Plan, Written
from waybill.write.bundle import bundled
from waybill.write.csv import CsvWriter
from waybill.write.gzip import gzipped
from waybill.write.json import JsonWriter, NdjsonWriter
from waybill.write.relay import Relay
from waybill.write.xlsx.overflow import kept
from waybill.write.xlsx.writer import ExcelWriter

if TYPE_CHECKING:
    from hashlib import _Hash

__all__ = ["WRITERS", "Encoding", "encode", "writer_for"]

WRITERS: dict[str, Writer] = {
    "csv": CsvWriter(),
    "excel": ExcelWriter(),
    "json": JsonWriter(),
    "ndjson": NdjsonWriter(),
}

BLOCK_ROWS = 50_000  # the readers cut their chunks at these borders


def writer_for(fmt: str) -> Writer:
    """Find the writer of a format; raises `FormatUnknown`."""
    try:
        return WRITERS[fmt]
    except KeyError:
        raise errors.FormatUnknown(field="format", value=fmt, accepted=WRITERS) from None


def encode(
    source: Source,
    plan: Plan,
    out: Sink,
    *,
    count: int | None = None,
    most: int = 0,
    progress: Callable[[int], object] | None = None,
) -> Written:
    """Write the file of a plan to `out`; `progress` hears of the rows so far, per chunk.

    `count` is how many rows there are, where they are not those that the snapshot counted; `most`
    is how many bytes of rows there may be before they are packed, 0 for any number.
    Raises `StorageFull`, or `CountMismatch` where the rows counted are not the rows written.
    """
    encoding = Encoding(source, plan, count=count, most=most, progress=progress)
    # Closed here, an abandoned stream ends its query while the connection is still there.
    with closing(encoding.pieces()) as pieces, Relay() as writing:
        for piece in pieces:
            writing.put(out.write, piece)
    return encoding.written()


class Encoding:
    """The bytes of one file as a stream, hashed by a second thread; `written()` at its end."""

    def __init__(
        self,
        source: Source,
        plan: Plan,
        *,
        count: int | None = None,
        most: int = 0,
        progress: Callable[[int], object] | None = None,
    ) -> None:
        self.source = source
        self.count = source.snapshot.count if count is None else count
        self.before = replace(source.tally)
        self.plan = plan
        self.most = most
        self.progress = progress
        self.hash = hashlib.sha256()
        self.bytes = 0
        self.unpacked = 0
        self.rows = 0
        self.below: dict[str, int] = {}
        self.failed_below = 0
        self.open: list[tuple[int, _Hash]] = []

    def pieces(self) -> Generator[bytes]:
        """Yield the file's bytes, in pieces of about 256 KiB where it is large."""
        writer = writer_for(self.plan.format)
        with closing(self.source.rows(self.plan, writer)) as read, Relay() as hashing:
            rows = self.watched(read, hashing)
            framed = self.framed(writer, rows)
            for piece in framed:
                self.bytes += len(piece)
                hashing.put(self.hash.update, piece)
                yield piece
        self.check()

    def watched(self, chunks: Iterator[Chunk], hashing: Relay) -> Iterator[Chunk]:
        """Pass the chunks on, counted, and hashed by blocks of 50,000 rows.

        What a workbook shows on another sheet is left out: rows are hashed as they stand.
        """
        standing = kept() if self.plan.format == "excel" else bytes
        for chunk in chunks:
            if self.rows % BLOCK_ROWS == 0 and (not self.open or self.open[-1][0] != self.rows):
                self.open.append((self.rows, hashlib.sha256()))
            hashing.put(self.open[-1][1].update, standing(chunk.data))
            self.rows += chunk.rows
            self.grow(len(chunk.data))
            if self.progress is not None:
                self.progress(self.rows)
            yield chunk

    def grow(self, size: int) -> None:
        """Bound what the rows unpack to: a small file of many equal rows fills another's disk."""
        self.unpacked += size
        if self.most and self.unpacked > self.most:
            raise errors.StorageFull(f"unpacked limit={self.most}")

    def framed(self, writer: Writer, rows: Iterator[Chunk]) -> Iterator[bytes]:
        """Put the format's frame around the rows, and what packs the file around that."""
        parts = (self.plan, self.source.snapshot, rows, self.children(writer))
        if self.plan.bundled:
            return bundled(writer, *parts)
        framed = writer.frame(*parts)
        return gzipped(framed) if self.plan.options.compression else framed

    def children(self, writer: Writer) -> Iterator[tuple[Plan, Iterator[Chunk]]]:
        """Give the child plans, each with its rows; to be read to the end, and counted then."""
        for child in self.plan.children:
            read, before = 0, self.source.tally.failed
            with closing(self.source.rows(child, writer)) as rows:

                def passed(chunks: Iterator[Chunk] = rows) -> Iterator[Chunk]:
                    nonlocal read
                    for chunk in chunks:
                        read += chunk.rows
                        self.grow(len(chunk.data))
                        yield chunk

                yield child, passed()
            counted, failed = self.source.count(child), self.source.tally.failed - before
            if read + failed != counted:
                raise errors.CountMismatch(counted=counted, read=read + failed, written=read)
            self.below[child.resource] = read
            self.failed_below += failed

    def check(self) -> None:
        """Raise `CountMismatch` unless every row that was counted was written (J5)."""
        failed = self.source.tally.failed - self.before.failed - self.failed_below
        if self.rows + failed != self.count:
            raise errors.CountMismatch(
                counted=self.count, read=self.rows + failed, written=self.rows
            )

    def written(self) -> Written:
        """Say what the file holds; to be asked once every piece was taken."""
        ends = [*(start for start, _ in self.open), self.rows][1:]
        return Written(
            rows=self.rows,
            bytes=self.bytes,
            sha256=self.hash.hexdigest(),
            blocks=tuple(
                Block(rows=end - start, sha256=sealed.hexdigest())
                for (start, sealed), end in zip(self.open, ends, strict=True)
            ),
            guarded=self.source.tally.guarded - self.before.guarded,
            failed=self.source.tally.failed - self.before.failed,
            children=self.below,
        )
