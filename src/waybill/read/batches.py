"""Rendered rows are gathered into chunks that never cross a block's border."""

from collections.abc import Iterable, Iterator

from waybill.values import Chunk

__all__ = ["BLOCK_ROWS", "CHUNK_BYTES", "chunks"]

BLOCK_ROWS = 50_000  # J6: what one hash in the receipt stands for
CHUNK_BYTES = 256 * 1024  # below 64 KiB hashing and writing cost more than the copy


def chunks(rows: Iterable[bytes | memoryview]) -> Iterator[Chunk]:
    """Gather rendered rows into chunks of about 256 KiB, cut at every 50,000th row."""
    held: list[bytes | memoryview] = []
    size = 0
    left = BLOCK_ROWS
    for row in rows:
        if held and len(row) >= CHUNK_BYTES:  # alone it is passed on without a copy
            yield Chunk(rows=len(held), data=b"".join(held))
            left -= len(held)
            held, size = [], 0
        held.append(row)
        size += len(row)
        if size >= CHUNK_BYTES or len(held) == left:
            yield Chunk(rows=len(held), data=b"".join(held))
            left = left - len(held) or BLOCK_ROWS
            held, size = [], 0
    if held:
        yield Chunk(rows=len(held), data=b"".join(held))
