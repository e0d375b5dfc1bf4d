"""Rendered rows are handed out to sheets."""

from collections.abc import Iterator

from waybill.values import Chunk

__all__ = ["ROW", "Rows"]

ROW = b"<row>"


class Rows:
    """A stream of rows that can be stopped at any row."""

    def __init__(self, chunks: Iterator[Chunk]) -> None:
        self.chunks = chunks
        self.held = next(chunks, None)

    def take(self, most: int, size: int) -> Iterator[Chunk]:
        """Give up to `most` rows, and about `size` bytes, from where the last call stopped."""
        inside = False  # a row that comes in pieces
        while (chunk := self.held) is not None and (inside or (most > 0 and size > 0)):
            rest = None
            if chunk.rows > most:
                chunk, rest = cut(chunk, most)
            inside = chunk.rows == 0
            most -= chunk.rows
            size -= len(chunk.data)
            yield chunk
            self.held = rest or next(self.chunks, None)


def cut(chunk: Chunk, rows: int) -> tuple[Chunk, Chunk]:
    """Cut a chunk behind some of its rows; a text holds no `<`, so each `<row>` is one."""
    *first, rest = chunk.data.split(ROW, rows + 1)
    return (
        Chunk(rows=rows, data=ROW.join(first)),
        Chunk(rows=chunk.rows - rows, data=ROW + rest),
    )
