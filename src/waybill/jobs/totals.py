"""Totals over the whole log, read a little further at each call.

The log only grows and its lines become visible in the order of their numbers, so every process
counts the same, nothing is counted twice, and a restart loses nothing.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from waybill.jobs import database
from waybill.models import ExportLog
from waybill.states import Event

__all__ = ["BUCKETS", "Durations", "Totals", "totals"]

BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)  # seconds
PAGE = 10_000
FIELDS = (
    "site_seq",
    "site_mac",
    "event",
    "resource",
    "message",
    "job__format",
    "processed_items",
    "duration_ms",
    "details",
)


@dataclass(slots=True)
class Durations:
    """How long exports took: how many per bucket (the last is for longer ones), and in all."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BUCKETS) + 1))
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """Count one."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.seconds += seconds


@dataclass(slots=True)
class Totals:
    """What happened so far, up to the line `upto` of the site."""

    upto: int = 0
    mac: str = ""
    events: Counter[tuple[str, str]] = field(default_factory=Counter)
    ended: Counter[tuple[str, str]] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    bytes: Counter[str] = field(default_factory=Counter)
    took: dict[str, Durations] = field(default_factory=lambda: defaultdict(Durations))

    def add(self, line: dict[str, Any]) -> None:
        """Count a line."""
        event, kind = line["event"], line["job__format"] or ""
        self.upto, self.mac = line["site_seq"], line["site_mac"]
        self.events[event, line["resource"]] += 1
        if event in {Event.COMPLETED, Event.FAILED, Event.CANCELED}:
            self.ended[event, kind] += 1
        if event == Event.FAILED:
            self.reasons[line["details"].get("code", "")] += 1
        if event == Event.REFUSED:
            self.refused[line["message"]] += 1
        if event == Event.COMPLETED:
            self.rows[kind] += line["processed_items"] or 0
            self.bytes[kind] += line["details"].get("bytes", 0)
            self.took[kind].add((line["duration_ms"] or 0) / 1000)


_known = Totals()
_lock = Lock()


def totals() -> Totals:
    """Count on to the end of the log; starts anew where the log is another one."""
    global _known  # noqa: PLW0603 - one count a process is the point
    with _lock:
        if _known.upto and not _lines().filter(site_seq=_known.upto, site_mac=_known.mac).exists():
            _known = Totals()
        while page := list(_page(_known.upto)):
            for line in page:
                _known.add(line)
        return _known


def _page(after: int) -> Iterable[dict[str, Any]]:
    yield from _lines().filter(site_seq__gt=after).order_by("site_seq").values(*FIELDS)[:PAGE]


def _lines() -> Any:
    return ExportLog.objects.using(database.alias())
