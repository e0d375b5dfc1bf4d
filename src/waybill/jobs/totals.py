"""Totals over the whole log, read a little further at each call.

The log only grows and its lines become visible in the order of their numbers, so every process
counts the same, nothing is counted twice, and a restart loses nothing. The sweep keeps what was
counted so far, so that a new process begins near the end of a long log.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Self

from waybill.jobs import database
from waybill.models import ExportLog, LogTotals
from waybill.states import Event

__all__ = ["BUCKETS", "Durations", "Totals", "keep", "totals"]

BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600)  # seconds
PAGE = 10_000
MOST = 20_000  # lines a scrape reads: 0.2 s; the sweep is ahead of that
MOST_A_SWEEP = 200_000  # lines: some seconds, in which exports wait for the sweep
KEPT_EVERY = 1_000  # lines
COUNTERS = ("events", "ended", "reasons", "refused", "rows", "bytes")
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

    def packed(self) -> dict[str, Any]:
        """Give the numbers as plain JSON."""
        counts = {name: list(getattr(self, name).items()) for name in COUNTERS}
        took = {kind: [one.counts, one.seconds] for kind, one in self.took.items()}
        return {**counts, "took": took}

    @classmethod
    def unpacked(cls, row: LogTotals) -> Self:
        """Read what was packed."""
        so_far = cls(upto=row.upto, mac=row.mac)
        for name in COUNTERS:
            counter = getattr(so_far, name)
            for key, count in row.counts[name]:
                counter[tuple(key) if isinstance(key, list) else key] = count
        for kind, (counts, seconds) in row.counts["took"].items():
            so_far.took[kind] = Durations(counts, seconds)
        return so_far


_known = Totals()
_lock = Lock()


def totals() -> Totals:
    """Count on towards the end of the log; starts anew where the log is another one.

    Reads so much at most at one call; where the sweep has not kept up, the next call goes on.
    """
    global _known  # noqa: PLW0603 - one count a process is the point
    with _lock:
        _known = _furthest(_known)
        _count_on(_known, MOST)
        return deepcopy(_known)


def keep() -> int:
    """Count on and keep the totals for processes to come; returns how many lines were counted.

    Of two sweeps at once one keeps its own, and both are right.
    """
    before = _rows().first()
    so_far = _furthest(Totals())
    began = so_far.upto
    if _lines().filter(site_seq__gte=began + KEPT_EVERY).exists():
        _count_on(so_far, MOST_A_SWEEP)
        _replace(before, so_far)
    return so_far.upto - began


def _furthest(known: Totals) -> Totals:
    """Give what was kept, if that is further; both only where they are of this log."""
    if not _is_of_this_log(known.upto, known.mac):
        known = Totals()
    row = _rows().filter(upto__gt=known.upto).first()
    if row is None or not _is_of_this_log(row.upto, row.mac):
        return known
    return Totals.unpacked(row)


def _is_of_this_log(upto: int, mac: str) -> bool:
    return not upto or _lines().filter(site_seq=upto, site_mac=mac).exists()


def _count_on(so_far: Totals, most: int) -> None:
    end = so_far.upto + most
    while so_far.upto < end and (page := list(_page(so_far.upto))):
        for line in page:
            so_far.add(line)


def _replace(before: LogTotals | None, so_far: Totals) -> None:
    values = {"upto": so_far.upto, "mac": so_far.mac, "counts": so_far.packed()}
    if before is None:
        _rows().bulk_create([LogTotals(id=1, **values)], ignore_conflicts=True)
    else:
        _rows().filter(upto=before.upto, mac=before.mac).update(**values)


def _page(after: int) -> Iterable[dict[str, Any]]:
    yield from _lines().filter(site_seq__gt=after).order_by("site_seq").values(*FIELDS)[:PAGE]


def _lines() -> Any:
    return ExportLog.objects.using(database.alias())


def _rows() -> Any:
    return LogTotals.objects.using(database.alias())
