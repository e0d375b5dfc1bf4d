"""Sizes that nobody waits for, worked out from the lines that were measured."""

from pathlib import Path
from typing import Protocol

from benchmarks import frame

__all__ = ["days", "far", "write"]

SIZES = (1_000_000, 10_000_000, 100_000_000, 1_000_000_000)
A_DAY = 10_000  # exports
KEPT_DAYS = 3  # the 72 hours of Desk's ticket exports
BEGIN, END = "<!-- measured -->", "<!-- end of measured -->"


class Rising(Protocol):
    """What gives a value for a number of rows."""

    def at(self, size: float) -> float:
        """Give the value at a size."""


def far(seconds: Rising, megabytes: Rising) -> str:
    """Set a table of one export: its seconds and gigabytes up to a billion rows."""
    rows = [(rows, seconds.at(rows), megabytes.at(rows) / 1000) for rows in SIZES]
    return frame.table(("rows of one export", "s", "GB"), rows)


def days(seconds: Rising, megabytes: Rising) -> str:
    """Set a table of ten thousand exports a day: hours of one worker, terabytes kept."""
    rows = [
        (
            rows,
            A_DAY * seconds.at(rows) / 3600,
            A_DAY * seconds.at(rows) / 86_400,
            A_DAY * KEPT_DAYS * megabytes.at(rows) / 1e6,
        )
        for rows in (10_000, 100_000, 1_000_000)
    ]
    head = (f"rows of each of {A_DAY:,} exports a day", "worker hours", "workers busy", "TB kept")
    return frame.table(head, rows)


def write(page: Path, text: str) -> None:
    """Put the text between the marks of a page, in place of what stood there."""
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"{page} has no {BEGIN} and {END}")
    page.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
