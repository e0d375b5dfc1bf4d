"""Looking back at exports: the pages of the history, who fetched what, what still waits."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Case, Count, F, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce, Now

from waybill import errors
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
    "ended_lately",
    "fetches",
    "page",
    "selected",
    "unfetched",
    "watched",
]

PAGE = 50
SORTS = {
    "requested": F("requested_at"),
    "rows": F("exported_items"),
    "size": Coalesce("file__bytes", Value(0)),
}
RECENT = timedelta(minutes=10)  # older news is no news: it stands in the history


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What somebody looks for in the history; empty is everything they may see.

    `after` and `before` name the export that the page follows or precedes, by its short id.
    """

    status: str = ""
    resource: str = ""
    format: str = ""
    text: str = ""
    mine: bool = False
    since: datetime | None = None
    until: datetime | None = None
    sort: str = "-requested"
    after: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPage:
    """Some exports in order, and whether there are more after and before them."""

    jobs: Sequence[ExportJob]
    older: bool
    newer: bool
    fetched: Mapping[UUID, ExportLog] = field(default_factory=dict)


def page(by: Person, looked: Looked) -> HistoryPage:
    """Give a page of the exports that a person may know of.

    It follows the row that its address names, so the thousandth page costs what the first does.
    """
    edge = _edge(by, looked.before or looked.after)
    back = bool(edge and looked.before)
    rows = selected(by, looked, edge=edge, back=back)
    found = [*rows[: PAGE + 1]]
    jobs = found[:PAGE][::-1] if back else found[:PAGE]
    more = len(found) > PAGE
    return HistoryPage(
        jobs=jobs,
        older=back or more,
        newer=more if back else edge is not None,
        fetched=fetches(jobs),
    )


def selected(
    by: Person, looked: Looked, *, edge: ExportJob | None = None, back: bool = False
) -> "QuerySet[ExportJob]":
    """Select what somebody looks for in order: beyond a job, or before it and backwards."""
    name = looked.sort.removeprefix("-")
    down = looked.sort.startswith("-") is not back
    rows = _narrowed(queries.visible(by), by, looked)
    rows = rows.annotate(place=SORTS.get(name, SORTS["requested"]))
    rows = rows.order_by("-place" if down else "place", "-id" if down else "id")
    if edge is None:
        return rows
    place = _place(edge, name)
    beyond = Q(place__lt=place) if down else Q(place__gt=place)
    beside = Q(place=place, id__lt=edge.pk) if down else Q(place=place, id__gt=edge.pk)
    # Said once more without OR, so that an index leads straight to the page.
    near = Q(place__lte=place) if down else Q(place__gte=place)
    return rows.filter(near & (beyond | beside))


def _edge(by: Person, name: str) -> ExportJob | None:
    """Read the export that a page follows; none where the person may not know of it."""
    try:
        return queries.find(name, by=by) if name else None
    except errors.JobUnknown:
        return None


def _place(job: ExportJob, name: str) -> object:
    if name == "size":
        return job.file.bytes if job.file else 0
    return job.exported_items if name == "rows" else job.requested_at


def fetches(jobs: Iterable[ExportJob]) -> dict[UUID, ExportLog]:
    """Give the last download of each export that was fetched, by the export's id."""
    lines = ExportLog.objects.using(database.alias())
    fetched = lines.filter(
        job__in=[job.pk for job in jobs if job.downloads], event=Event.DOWNLOADED
    )
    last = fetched.order_by().values("job").annotate(last=Max("site_seq")).values("last")
    return {line.job_id: line for line in lines.filter(site_seq__in=last) if line.job_id}


def unfetched(by: Person) -> "QuerySet[ExportJob]":
    """Select the finished exports that wait to be fetched by this person, the newest first."""
    return (
        queries.fetchable(by)
        .order_by("-completed_at")
        .filter(
            status=Status.COMPLETED,
            delivery=Delivery.BACKGROUND,
            downloads=0,
            expires_at__gt=Now(),
        )
    )


def ended_lately(by: Person) -> "QuerySet[ExportJob]":
    """Select a person's own exports that ended by themselves in the last ten minutes."""
    mine = ExportJob.objects.using(database.alias()).filter(requester_id=by.pk)
    ended = mine.filter(status__in=[Status.COMPLETED, Status.FAILED])
    return ended.filter(completed_at__gt=Now() - RECENT).order_by("completed_at")


def watched() -> "QuerySet[ExportJob]":
    """Select exports as pages watch them: `ahead` is how many stand before a queued one."""
    jobs = ExportJob.objects.using(database.alias())
    queued = jobs.filter(status=Status.PENDING, delivery=Delivery.BACKGROUND)
    waiting = queued.filter(turn_at__lt=OuterRef("turn_at")).order_by()
    counted = waiting.values("status").annotate(count=Count("pk")).values("count")
    place = When(status=Status.PENDING, then=Coalesce(Subquery(counted), 0))
    return jobs.select_related("file").annotate(ahead=Case(place, default=0))


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
