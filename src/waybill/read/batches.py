"""Rendered rows are gathered into chunks that never cross a block's border."""

from collections.abc import Iterable, Iterator

from waybill.values import Chunk, LargeRow

__all__ = ["BLOCK_ROWS", "CHUNK_BYTES", "chunks"]

BLOCK_ROWS = 50_000  # J6: what one hash in the receipt stands for
CHUNK_BYTES = 256 * 1024  # below 64 KiB hashing and writing cost more than the copy


def chunks(rows: Iterable[bytes | memoryview | LargeRow]) -> Iterator[Chunk]:
    """Gather rendered rows into chunks of about 256 KiB, cut at every 50,000th row.

    A row that is larger than a chunk is passed on in pieces: nothing holds it a second time.
    """
    held: list[bytes | memoryview] = []
    size = 0
    left = BLOCK_ROWS
    for row in rows:
        if isinstance(row, LargeRow) or len(row) > CHUNK_BYTES:
            if held:
                yield Chunk(rows=len(held), data=b"".join(held))
            yield from pieces(row)
            left = left - len(held) - 1 or BLOCK_ROWS
            held, size = [], 0
            continue
        held.append(row)
        size += len(row)
        if size >= CHUNK_BYTES or len(held) == left:
            yield Chunk(rows=len(held), data=b"".join(held))
            left = left - len(held) or BLOCK_ROWS
            held, size = [], 0
    if held:
        yield Chunk(rows=len(held), data=b"".join(held))


def pieces(row: bytes | memoryview | LargeRow) -> Iterator[Chunk]:
    """Cut a large row into chunks, the last of which counts it."""
    last = b""
    for piece in row.pieces if isinstance(row, LargeRow) else cut(row):
        if last:
            yield Chunk(rows=0, data=last)
        last = piece
    yield Chunk(rows=1, data=last)


def cut(row: bytes | memoryview) -> Iterator[bytes]:
    """Copy a row piece by piece."""
    whole = memoryview(row)
    for start in range(0, len(whole), CHUNK_BYTES):
        yield bytes(whole[start : start + CHUNK_BYTES])
