"""Looking back at exports: the pages of the history, who fetched what, what still waits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from waybill.declare.policy import Person
from waybill.jobs import database, queries
from waybill.models import ExportJob, ExportLog
from waybill.states import Delivery, Event, Status

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = [
    "PAGE",
    "SORTS",
    "HistoryPage",
    "Looked",
    "ahead",
    "fetches",
    "page",
    "unfetched",
]

PAGE = 50
SORTS = {"requested": "requested_at", "rows": "exported_items", "size": "file__bytes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What somebody looks for in the history; empty is everything they may see."""

    status: str = ""
    resource: str = ""
    format: str = ""
    text: str = ""
    mine: bool = False
    since: datetime | None = None
    until: datetime | None = None
    sort: str = "-requested"
    start: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """Some exports in order, and whether there are more."""

    jobs: Sequence[ExportJob]
    more: bool
    fetched: Mapping[UUID, ExportLog] = field(default_factory=dict)


def page(by: Person, looked: Looked) -> HistoryPage:
    """Give a page of the exports that a person may know of."""
    rows = _narrowed(queries.visible(by), by, looked)
    name = looked.sort.removeprefix("-")
    column = SORTS.get(name, SORTS["requested"])
    sign = "-" if looked.sort.startswith("-") else ""
    found = [*rows.order_by(f"{sign}{column}", f"{sign}id")[looked.start : looked.start + PAGE + 1]]
    jobs = found[:PAGE]
    return HistoryPage(jobs=jobs, more=len(found) > PAGE, fetched=fetches(jobs))


def fetches(jobs: Iterable[ExportJob]) -> dict[UUID, ExportLog]:
    """Give the last download of each export that was fetched, by the export's id."""
    lines = ExportLog.objects.using(database.alias()).filter(
        job__in=[job.pk for job in jobs if job.downloads], event=Event.DOWNLOADED
    )
    return {line.job_id: line for line in lines.order_by("site_seq") if line.job_id}


def unfetched(by: Person) -> "QuerySet[ExportJob]":
    """Select the finished exports that wait to be fetched by this person."""
    return queries.visible(by).filter(
        status=Status.COMPLETED,
        delivery=Delivery.BACKGROUND,
        downloads=0,
        expires_at__gt=Now(),
    )


def ahead(job: ExportJob) -> int:
    """Count the exports that stand before a queued one."""
    waiting = ExportJob.objects.using(database.alias()).filter(status=Status.PENDING)
    return waiting.filter(queued_at__lt=job.queued_at).count()


def _narrowed(rows: "QuerySet[ExportJob]", by: Person, looked: Looked) -> "QuerySet[ExportJob]":
    same = {"status": looked.status, "resource": looked.resource, "format": looked.format}
    rows = rows.filter(**{name: value for name, value in same.items() if value})
    if looked.mine:
        rows = rows.filter(requester_id=by.pk)
    if looked.since:
        rows = rows.filter(requested_at__gte=looked.since)
    if looked.until:
        rows = rows.filter(requested_at__lt=looked.until)
    for word in looked.text.split():
        rows = rows.filter(Q(view_name__icontains=word) | Q(requester_label__icontains=word))
    return rows
