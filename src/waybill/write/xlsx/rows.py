"""Rendered rows are handed out to sheets; what does not fit a cell goes to a sheet of its own."""

import json
from collections.abc import Iterator
from tempfile import TemporaryFile

from waybill.values import Chunk
from waybill.write.xlsx import rules
from waybill.write.xlsx.pycells import escaped, said

__all__ = ["Overflow", "Rows"]

ROW = b"<row>"
MARK = rules.OVERFLOW_MARK.encode()


class Rows:
    """A stream of rows that can be stopped at any row."""

    def __init__(self, chunks: Iterator[Chunk]) -> None:
        self.chunks = chunks
        self.held = next(chunks, None)

    def take(self, most: int, size: int) -> Iterator[Chunk]:
        """Give up to `most` rows, and about `size` bytes, from where the last call stopped."""
        while (chunk := self.held) is not None and most > 0 and size > 0:
            rest = None
            if chunk.rows > most:
                chunk, rest = cut(chunk, most)
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


class Overflow:
    """Holds on disk what does not fit into cells, as rows of the sheet that shows it."""

    def __init__(self) -> None:
        self.file = TemporaryFile()  # noqa: SIM115 - closed by `close`
        self.sizes: list[tuple[int, int]] = []

    def close(self) -> None:
        """Give the disk back."""
        self.file.close()

    def sift(self, data: bytes, *, sheet: str, first: int, labels: list[str]) -> bytes:
        """Take the parts out of some rows, the first of which has that number on its sheet."""
        if MARK not in data:
            return data
        kept: list[bytes] = []
        beyond: list[bytes] = []
        for number, row in enumerate(data.split(ROW)[1:], first):
            cells, *rests = row.split(MARK)
            kept.append(ROW + cells)
            beyond += shown(rests, sheet=sheet, number=number, labels=labels)
        together = b"".join(beyond)
        self.file.write(together)
        self.sizes.append((len(beyond), len(together)))
        return b"".join(kept)

    def chunks(self) -> Iterator[Chunk]:
        """Give the rows back."""
        self.file.seek(0)
        for rows, size in self.sizes:
            yield Chunk(rows=rows, data=self.file.read(size))


def shown(rests: list[bytes], *, sheet: str, number: int, labels: list[str]) -> Iterator[bytes]:
    """Render the further parts of a row's long texts; the cell itself holds part 1."""
    for one in rests:
        place, _, rest = one.partition(rules.PART_MARK.encode())
        text = json.loads(rest)
        where = [said(escaped(sheet)), f"<c><v>{number}</v></c>", said(escaped(labels[int(place)]))]
        for part, start in enumerate(range(0, len(text), rules.PART_CHARACTERS), 2):
            piece = escaped(text[start : start + rules.PART_CHARACTERS])
            cells = f"{''.join(where)}<c><v>{part}</v></c><c{rules.KEPT}{piece}{rules.CLOSE}"
            yield f"<row>{cells}</row>".encode()
