"""What does not fit a cell goes to a sheet of its own, however long it is, piece by piece."""

import codecs
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from tempfile import TemporaryFile

from waybill.values import Chunk
from waybill.write.xlsx import rules
from waybill.write.xlsx.pycells import escaped, said
from waybill.write.xlsx.rows import ROW

__all__ = ["Overflow", "Sifter", "kept"]

MARK = rules.OVERFLOW_MARK.encode()
PART_MARK = rules.PART_MARK.encode() + b'"'
QUOTE = b'"'
FULL_BYTES = 256 * 1024

# As much of a JSON text as there is, without an escape that is not there to its end.
WHOLE = re.compile(rb'(?:[^"\\]++|\\u[0-9a-fA-F]{4}|\\[^u])*+', re.DOTALL)


class Overflow:
    """Holds on disk what does not fit into cells, as rows of the sheet that shows it."""

    def __init__(self) -> None:
        self.file = TemporaryFile()  # noqa: SIM115 - closed by `close`
        self.sizes: list[tuple[int, int]] = []
        self.rows = self.bytes = 0  # since the last entry of `sizes`

    @property
    def found(self) -> bool:
        """Whether there is anything."""
        return bool(self.rows or self.sizes)

    def close(self) -> None:
        """Give the disk back."""
        self.file.close()

    def add(self, row: bytes) -> None:
        """Keep a row."""
        self.file.write(row)
        self.rows += 1
        self.bytes += len(row)
        if self.bytes >= FULL_BYTES:
            self.sizes.append((self.rows, self.bytes))
            self.rows = self.bytes = 0

    def chunks(self) -> Iterator[Chunk]:
        """Give the rows back."""
        self.file.seek(0)
        rest = [(self.rows, self.bytes)] if self.rows else []
        for rows, size in [*self.sizes, *rest]:
            yield Chunk(rows=rows, data=self.file.read(size))


class Further:
    """The rest of a long text, on its way into rows of its own; the cell itself is part 1."""

    def __init__(self, overflow: Overflow, *where: str) -> None:
        """Be ready for the text of a cell; `where` are the cells that say which it is."""
        self.overflow = overflow
        self.where = "".join(where)
        self.decode = codecs.getincrementaldecoder("utf-8")().decode
        self.text = ""
        self.part = 1

    def feed(self, data: bytes) -> None:
        """Take some more of the JSON text, cut between its escapes."""
        self.text += json.loads(f'"{self.decode(data)}"')
        while len(self.text) > rules.PART_CHARACTERS:
            self.add()

    def finish(self) -> None:
        """Keep what is left."""
        while self.text:
            self.add()

    def add(self) -> None:
        """Keep one part."""
        self.part += 1
        piece = escaped(self.text[: rules.PART_CHARACTERS])
        self.text = self.text[rules.PART_CHARACTERS :]
        cells = f"{self.where}<c><v>{self.part}</v></c><c{rules.KEPT}{piece}{rules.CLOSE}"
        self.overflow.add(f"<row>{cells}</row>".encode())


class Sifter:
    """Takes what does not fit cells out of the rows of one sheet."""

    def __init__(self, overflow: Overflow, *, sheet: str, labels: Mapping[int, str]) -> None:
        self.overflow = overflow
        self.sheet = sheet
        self.labels = labels
        self.further: Further | None = None  # the text that the last piece of a row ended in
        self.held = b""  # what of that piece could not be told yet

    def sift(self, data: bytes, *, first: int) -> bytes:
        """Take the parts out of some rows, or a piece of one; the first has that number."""
        if self.further is None and not self.held and MARK not in data:
            return data
        data = self.held + data
        self.held = b""
        kept: list[bytes] = []
        at = 0
        while at < len(data):
            if self.further is None:
                mark = data.find(MARK, at)
                kept.append(data[at:] if mark < 0 else data[at:mark])
                at = len(data) if mark < 0 else self.begin(data, mark, first)
            else:
                at = self.go_on(self.further, data, at)
        return b"".join(kept)

    def begin(self, data: bytes, mark: int, first: int) -> int:
        """Read where a text belongs; give where it begins."""
        begin = data.find(PART_MARK, mark)
        if begin < 0:
            self.held = data[mark:]
            return len(data)
        place = int(data[mark + len(MARK) : begin])
        number = first + max(data.count(ROW, 0, mark), 1) - 1  # pieces come without their `<row>`
        self.further = Further(
            self.overflow,
            said(escaped(self.sheet)),
            f"<c><v>{number}</v></c>",
            said(escaped(self.labels[place])),
        )
        return begin + len(PART_MARK)

    def go_on(self, further: Further, data: bytes, at: int) -> int:
        """Read a text as far as it is there; give where it ends."""
        found = WHOLE.match(data, at)
        end = found.end() if found else at
        further.feed(data[at:end])
        if data[end : end + 1] == QUOTE:
            further.finish()
            self.further = None
            return end + 1
        self.held = data[end:]
        return len(data)


class Nowhere(Overflow):
    """Keeps nothing."""

    def __init__(self) -> None:
        """Need no file."""

    def add(self, row: bytes) -> None:
        """Drop a row."""


def kept() -> Callable[[bytes], bytes]:
    """Give what leaves of rows, piece by piece, the bytes that stand in the sheet of rows."""
    sifter = Sifter(Nowhere(), sheet="", labels=defaultdict(str))
    return lambda data: sifter.sift(data, first=0)
