"""The members of a ZIP archive in the order in which they were written, read once from its begin.

Python's own reader begins with the directory at the end, so it needs the whole file
(APPNOTE.TXT 4.3: local header, data, data descriptor).
"""

import struct
import zlib
from collections.abc import Iterator
from typing import IO

__all__ = ["members"]

READ_BYTES = 1 << 18
PIECE_BYTES = 1 << 20  # of what is inflated: a few bytes may stand for gigabytes
HEADER = struct.Struct("<HHHHHIIIHH")
LOCAL, DIRECTORY = b"PK\x03\x04", b"PK\x01\x02"
STORED, DEFLATED = 0, 8
ENCRYPTED, HAS_DESCRIPTOR = 1 << 0, 1 << 3
DESCRIPTORS = (0, 12, 16, 20, 24)  # bytes: none, with or without its mark, sizes of 4 or of 8
IN_EXTRA = 0xFFFFFFFF  # a size that stands in the extra field (ZIP64)


class _Reader:
    """Bytes of a stream, some of which can be given back."""

    def __init__(self, source: IO[bytes]) -> None:
        """Begin with nothing held."""
        self._source = source
        self._held = b""

    def some(self, most: int = READ_BYTES) -> bytes:
        """Give some bytes, none at the end."""
        piece = self._held or self._source.read(most)
        self._held = piece[most:]
        return piece[:most]

    def take(self, size: int) -> bytes:
        """Give exactly so many bytes; raises `EOFError` where there are fewer."""
        found = b""
        while len(found) < size:
            if not (piece := self.some(size - len(found))):
                raise EOFError("the archive ends too early")
            found += piece
        return found

    def give_back(self, piece: bytes) -> None:
        """Put bytes in front of those to come."""
        self._held = piece + self._held


def members(source: IO[bytes]) -> Iterator[tuple[str, Iterator[bytes]]]:
    """Yield the name and the pieces of each member; what was not read of one is passed over.

    Raises `ValueError`, `EOFError` or `zlib.error` for what is no archive of ours.
    """
    reader = _Reader(source)
    while (mark := reader.take(4)) == LOCAL:
        _version, flags, method, *_facts, size, named, extra = HEADER.unpack(reader.take(26))
        packed, length = _facts[-1], size
        name = reader.take(named).decode("utf-8", "replace")
        fields = reader.take(extra)
        if flags & ENCRYPTED:
            raise ValueError(f"{name} is encrypted")
        if method == DEFLATED:
            pieces = _inflated(reader)
        elif method == STORED and not flags & HAS_DESCRIPTOR:
            pieces = _stored(reader, _long(fields) if IN_EXTRA in {packed, length} else packed)
        else:
            raise ValueError(f"{name} is packed in a way that is not ours")
        yield name, pieces
        for _rest in pieces:
            pass
        if flags & HAS_DESCRIPTOR:
            _pass_descriptor(reader)
    if mark != DIRECTORY:
        raise ValueError("no archive")


def _inflated(reader: _Reader) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    while not inflater.eof:
        if not (packed := inflater.unconsumed_tail or reader.some()):
            raise EOFError("the archive ends too early")
        if piece := inflater.decompress(packed, PIECE_BYTES):
            yield piece
    reader.give_back(inflater.unused_data)


def _stored(reader: _Reader, size: int) -> Iterator[bytes]:
    while size:
        piece = reader.some(min(size, READ_BYTES))
        if not piece:
            raise EOFError("the archive ends too early")
        size -= len(piece)
        yield piece


def _long(fields: bytes) -> int:
    """Read the size of a member of more than 4 GB from its extra field (4.5.3)."""
    while len(fields) >= 4:
        kind, length = struct.unpack("<HH", fields[:4])
        if kind == 1 and length >= 16:
            return int(struct.unpack("<Q", fields[12:20])[0])
        fields = fields[4 + length :]
    raise ValueError("a size is missing")


def _pass_descriptor(reader: _Reader) -> None:
    """Pass over what follows a member, which may have one of four lengths."""
    ahead = reader.take(4)
    while len(ahead) < max(DESCRIPTORS) + 4 and (piece := reader.some(max(DESCRIPTORS) + 4)):
        ahead += piece
    for length in DESCRIPTORS:
        if ahead[length : length + 4] in {LOCAL, DIRECTORY}:
            reader.give_back(ahead[length:])
            return
    raise ValueError("no member follows")
