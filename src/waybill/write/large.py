"""Texts so large that a row must not hold them a second time, nor a third.

A text of 10 MB is there twice before anybody renders it: in the driver and as a value. Put into a
cell, a row and the row's bytes it would be there five times.
"""

from collections.abc import Iterable, Iterator

from waybill.write import text

__all__ = ["LARGE_TEXT", "REMEMBERED", "SHORT", "TooLarge", "encoded", "segments"]

LARGE_TEXT = 1 << 20  # characters, from which a row is rendered in pieces
SEGMENT = 1 << 16  # characters
SHORT = 40  # characters, up to which a text is worth remembering
REMEMBERED = 500  # texts of a column: words of a list, not what somebody wrote


class TooLarge(Exception):
    """A row holds a text that is rendered in pieces; raised before it is counted as guarded."""


def segments(whole: str, start: int = 0) -> Iterator[str]:
    """Cut a text from a place on, never between the two halves of a surrogate pair."""
    while start < len(whole):
        end = start + SEGMENT
        if "\ud800" <= whole[end - 1 : end] <= "\udbff":
            end += 1
        yield whole[start:end]
        start = end


def encoded(pieces: Iterable[str]) -> Iterator[bytes]:
    """Encode pieces of a row as the whole would be, small ones together."""
    held: list[str] = []
    size = 0
    for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= SEGMENT:
            yield text.utf8("".join(held))
            held, size = [], 0
    if held:
        yield text.utf8("".join(held))
