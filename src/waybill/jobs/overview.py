"""What those who run the site look at: the queue, what runs, what failed, what fills the disk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Min, Q, Sum
from django.db.models.functions import Now, TruncDate

from waybill import conf
from waybill.jobs import database
from waybill.models import ExportFile, ExportJob, Notice
from waybill.states import Delivery, Status

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = [
    "Day",
    "Disk",
    "Queue",
    "daily",
    "disk",
    "expiring",
    "failures",
    "notices",
    "queue",
    "running",
    "standing",
    "throughput",
    "undelivered",
]

SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """How many exports wait for a worker, and for how many seconds the oldest does."""

    length: int
    oldest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The exports of one format that were completed on one day."""

    day: date
    format: str
    exports: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """The kept files, how many bytes they take, and how many they may; 0 is no bound."""

    files: int
    bytes: int
    quota: int


def queue() -> Queue:
    """Measure the queue of background exports."""
    due = Q(not_before=None) | Q(not_before__lte=Now())
    waiting = _jobs().filter(due, status=Status.PENDING, delivery=Delivery.BACKGROUND)
    found = waiting.aggregate(length=Count("pk"), first=Min("queued_at"))
    oldest = 0.0
    if found["first"] is not None:
        oldest = max(0.0, (database.clock() - found["first"]).total_seconds())
    return Queue(length=found["length"], oldest=oldest)


def running() -> Sequence[ExportJob]:
    """List the exports that workers run, the longest running first; none that is sent at once."""
    rows = _jobs().filter(status=Status.PROCESSING, delivery=Delivery.BACKGROUND)
    return list(rows.order_by("started_at")[:200])


def standing() -> Sequence[tuple[str, str, int]]:
    """Count the exports there are, as (status, format, count)."""
    found = _jobs().values_list("status", "format").annotate(count=Count("pk"))
    return list(found.order_by("status", "format"))


def throughput(hours: int = 1) -> tuple[int, int]:
    """Count the exports that were completed of late, and their rows."""
    late = _done().filter(completed_at__gt=Now() - timedelta(hours=hours))
    found = late.aggregate(exports=Count("pk"), rows=Sum("exported_items"))
    return found["exports"], found["rows"] or 0


def daily(days: int = 14) -> Sequence[Day]:
    """Count exports and rows by day, in the reader's time zone, and format, the oldest first."""
    found = (
        _done()
        .filter(completed_at__gt=Now() - timedelta(days=days))
        .annotate(day=TruncDate("completed_at"))
        .values("day", "format")
        .annotate(exports=Count("pk"), rows=Sum("exported_items"))
        .order_by("day", "format")
    )
    # MariaDB without its table of time zones gives no day.
    return [
        Day(day=one["day"], format=one["format"], exports=one["exports"], rows=one["rows"] or 0)
        for one in found
        if one["day"]
    ]


def failures(days: int = 7) -> Sequence[tuple[str, int]]:
    """Count the exports that failed of late, as (code, count), the most frequent first."""
    late = _jobs().filter(status=Status.FAILED, completed_at__gt=Now() - timedelta(days=days))
    found = late.values_list("error_code").annotate(count=Count("pk"))
    return list(found.order_by("-count", "error_code"))


def disk() -> Disk:
    """Add up what is stored."""
    stored = ExportFile.objects.using(database.alias()).filter(deleted_at=None, key__isnull=False)
    found = stored.aggregate(files=Count("pk"), bytes=Sum("bytes"))
    quota = conf.settings().quota_bytes
    return Disk(files=found["files"], bytes=found["bytes"] or 0, quota=quota)


def expiring(among: "QuerySet[ExportJob]") -> Sequence[ExportJob]:
    """List those of the exports whose files expire next."""
    alive = among.filter(
        status=Status.COMPLETED, delivery=Delivery.BACKGROUND, expires_at__gt=Now()
    )
    return list(alive.select_related("file").order_by("expires_at")[:SHOWN])


def notices() -> Sequence[tuple[str, str, int]]:
    """Count the notices, as (kind, outcome, count); those that wait have no outcome."""
    found = _notices().values_list("kind", "outcome").annotate(count=Count("pk"))
    return list(found.order_by("kind", "outcome"))


def undelivered() -> Sequence[Notice]:
    """List the newest notices that met a problem and did not get out."""
    met = _notices().filter(sent_at=None).exclude(last_error="")
    return list(met.select_related("job").order_by("-pk")[:SHOWN])


def _done() -> "QuerySet[ExportJob]":
    return _jobs().filter(status__in=[Status.COMPLETED, Status.EXPIRED])


def _jobs() -> "QuerySet[ExportJob]":
    return ExportJob.objects.using(database.alias())


def _notices() -> Any:
    return Notice.objects.using(database.alias())
