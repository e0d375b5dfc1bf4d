"""Walk the log and find what was changed, removed, put in or swapped."""

import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from django.db.models import Q

from waybill import conf, errors
from waybill.jobs import database
from waybill.jobs.log import head_is_ours, seal, seal_site
from waybill.models import AuditHead, ExportJob, ExportLog

__all__ = ["Finding", "anchor", "length", "verify"]

PAGE = 2_000
ANCHOR_BYTES = 400  # more than two entries of the anchor file take


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong, and with which line of the site (None where it is not about one)."""

    line: int | None
    what: str

    def __str__(self) -> str:
        """Say it in a sentence."""
        return self.what if self.line is None else f"line {self.line}: {self.what}"


class _Walk:
    """What the walk knows so far: the end of the site's chain and of each export's."""

    def __init__(self) -> None:
        """Begin before the first line."""
        self.length = 0
        self.mac = ""
        self.jobs: dict[UUID, tuple[int, str]] = {}

    def step(self, row: ExportLog, anchors: dict[int, str]) -> Iterator[Finding]:
        """Check a line against the one before it, then stand on it."""
        yield from self._place(row)
        yield from self._own_chain(row)
        if not _same(row.site_mac, seal_site(row, self.mac)) and row.site_seq == self.length + 1:
            yield Finding(line=row.site_seq, what="its seal of the site does not fit: changed")
        if anchors.get(row.site_seq, row.site_mac) != row.site_mac:
            yield Finding(line=row.site_seq, what="differs from the anchor file: rewritten")
        self.length, self.mac = row.site_seq, row.site_mac

    def _place(self, row: ExportLog) -> Iterator[Finding]:
        missing = row.site_seq - self.length - 1
        if missing > 0:
            span = f"{self.length + 1} to {row.site_seq - 1}" if missing > 1 else ""
            lines = f"lines {span} are" if span else f"line {self.length + 1} is"
            yield Finding(line=None, what=f"{lines} missing: removed")
        if missing < 0:
            yield Finding(line=row.site_seq, what="the number stands twice: put in")

    def _own_chain(self, row: ExportLog) -> Iterator[Finding]:
        if row.job_id is None:
            if not _same(row.mac, seal(row, "")):
                yield Finding(line=row.site_seq, what="its text does not fit its seal: changed")
            return
        count, previous = self.jobs.get(row.job_id, (0, ""))
        name = f"export {row.job_id}"
        if row.seq != count + 1:
            what = f"{name} goes from its line {count} to {row.seq}: removed, put in or swapped"
            yield Finding(line=row.site_seq, what=what)
        elif not _same(row.mac, seal(row, previous)):
            what = f"{name}, its line {row.seq} ({row.event}) does not fit its seal: changed"
            yield Finding(line=row.site_seq, what=what)
        self.jobs[row.job_id] = (row.seq or 0, row.mac)


def verify() -> Iterator[Finding]:
    """Yield what is wrong with the log, nothing where it is whole.

    Reads in one snapshot where the database has them, in pages, so that a long log fits.
    """
    anchors = dict(_anchors())
    walk = _Walk()
    with database.atomic():
        _one_view()
        for row in _rows():
            yield from walk.step(row, anchors)
        yield from _ends(walk)
    cut = [number for number in anchors if number > walk.length]
    if cut:
        what = f"the anchor file knows {max(cut)} lines, the log ends at {walk.length}: cut off"
        yield Finding(line=None, what=what)


def length() -> int:
    """Count the lines of the log."""
    return ExportLog.objects.using(database.alias()).count()


def anchor() -> None:
    """Append the head of the site's chain to the anchor file, if one is set and the log grew."""
    file = conf.settings().anchor_file
    head = AuditHead.objects.using(database.alias()).first()
    if file is None or head is None:
        return
    known, torn = _last_anchor(file)
    if known >= head.length:
        return
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with file.open("ab") as out:
        if torn:
            out.truncate(out.tell() - torn)
        out.write(json.dumps({"lines": head.length, "mac": head.mac}).encode() + b"\n")


def _ends(walk: _Walk) -> Iterator[Finding]:
    head = AuditHead.objects.using(database.alias()).first()
    end, mac = (head.length, head.mac) if head else (0, "")
    if end > walk.length:
        what = f"lines {walk.length + 1} to {end} are missing at the end: removed"
        yield Finding(line=None, what=what)
    elif (end, mac) != (walk.length, walk.mac):
        yield Finding(line=None, what="the head does not fit the last line: changed")
    if head and not head_is_ours(head):
        yield Finding(line=None, what="the head's own seal does not fit: set back")
    known = set()
    jobs = ExportJob.objects.using(database.alias()).order_by("pk")
    for pk, count, last in jobs.values_list("pk", "log_length", "log_head").iterator():
        known.add(pk)
        held = walk.jobs.get(pk, (0, ""))
        if held != (count, last):
            what = f"export {pk} says it has {count} lines, the log holds {held[0]}"
            yield Finding(line=None, what=what)
        elif not count:
            yield Finding(line=None, what=f"export {pk} has no line: removed")
    for pk in walk.jobs.keys() - known:
        yield Finding(line=None, what=f"export {pk} is missing: removed")


def _rows() -> Iterator[ExportLog]:
    rows = ExportLog.objects.using(database.alias()).order_by("site_seq", "pk")
    after = Q(site_seq__gte=0)
    while page := list(rows.filter(after)[:PAGE]):
        yield from page
        last = page[-1]
        after = Q(site_seq__gt=last.site_seq) | Q(site_seq=last.site_seq, pk__gt=last.pk)


def _one_view() -> None:
    connection = database.connection()
    if connection.vendor == "postgresql" and len(connection.savepoint_ids) == 0:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def _anchors() -> Iterator[tuple[int, str]]:
    file: Path | None = conf.settings().anchor_file
    if file is None or not file.exists():
        return
    with file.open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):
                yield _noted(line, file)


def _last_anchor(file: Path) -> tuple[int, int]:
    """Read how many lines the last entry knows, 0 where there is none.

    Give with it how many bytes behind it a power cut left of one that was being written.
    """
    if not file.exists():
        return 0, 0
    with file.open("rb") as source:
        source.seek(max(0, source.seek(0, os.SEEK_END) - ANCHOR_BYTES))
        *whole, torn = source.read().split(b"\n")
    return (_noted(whole[-1].decode(errors="replace"), file)[0] if whole else 0), len(torn)


def _noted(line: str, file: Path) -> tuple[int, str]:
    try:
        noted = json.loads(line)
        return int(noted["lines"]), str(noted["mac"])
    except (ValueError, KeyError, TypeError) as problem:
        raise errors.SettingsError(f"{file} is not an anchor file") from problem


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
