"""The film of the README: pictures put into one container, as a browser reads it."""

import struct
import sys

from tests.architecture.sources import ROOT

sys.path.insert(0, str(ROOT / "tools"))

from film import chunks, film


def picture(data: bytes) -> bytes:
    """Make what Chromium writes: one chunk of a picture in a container."""
    inner = b"VP8 " + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(inner) + 4) + b"WEBP" + inner


def test_every_picture_is_in_the_film_with_its_time() -> None:
    made = film([(picture(b"one"), 500), (picture(b"second"), 2000)], width=1100, height=700)
    parts = list(chunks(made))
    frames = [data for name, data in parts if name == b"ANMF"]

    assert [name for name, _ in parts] == [b"VP8X", b"ANIM", b"ANMF", b"ANMF"]
    assert struct.unpack_from("<I", made, 4)[0] == len(made) - 8
    assert [int.from_bytes(one[12:15], "little") for one in frames] == [500, 2000]
    assert [int.from_bytes(one[6:9], "little") + 1 for one in frames] == [1100, 1100]
    assert [one[16:20] for one in frames] == [b"VP8 ", b"VP8 "]
    assert frames[0].endswith(b"one\0")


def test_the_films_that_are_shown_are_films() -> None:
    for scheme in ("light", "dark"):
        names = [
            n for n, _ in chunks((ROOT / f"docs/screenshots/export-{scheme}.webp").read_bytes())
        ]
        assert names.count(b"ANMF") > 3
