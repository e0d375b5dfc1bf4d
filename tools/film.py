"""Put pictures together to an animated WebP, which a README can show.

Chromium writes each picture as WebP; a film is the same pictures in one container with the time
each is shown (https://developers.google.com/speed/webp/docs/riff_container).
"""

import struct
from collections.abc import Iterator, Sequence

__all__ = ["chunks", "film"]

ANIMATION = 0x02  # the bit of VP8X that says so
PICTURES = {b"VP8 ", b"VP8L", b"ALPH"}


def film(frames: Sequence[tuple[bytes, int]], *, width: int, height: int) -> bytes:
    """Give a film of WebP pictures of one size, each with its milliseconds; it never ends."""
    size = _three(width - 1) + _three(height - 1)
    body = _chunk(b"VP8X", struct.pack("<I", ANIMATION) + size)
    body += _chunk(b"ANIM", struct.pack("<IH", 0xFFFFFFFF, 0))
    for picture, shown in frames:
        inner = b"".join(_chunk(n, data) for n, data in chunks(picture) if n in PICTURES)
        # At the upper left; each replaces the one before.
        body += _chunk(b"ANMF", _three(0) * 2 + size + _three(shown) + b"\x02" + inner)
    return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body


def chunks(file: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Give the name and the content of each chunk of a WebP file."""
    at = 12
    while at < len(file):
        name, length = struct.unpack_from("<4sI", file, at)
        yield name, file[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")
