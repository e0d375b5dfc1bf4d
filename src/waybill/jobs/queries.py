"""What can be asked about exports: whose they are, who sees them, what the log says."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q

from waybill import errors, registry
from waybill.declare.columns import Column
from waybill.declare.policy import Person, Retired
from waybill.jobs import database
from waybill.models import ExportJob, ExportLog, Notice
from waybill.shortid import from_short
from waybill.states import Status

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = [
    "fetchable",
    "find",
    "get",
    "log_of",
    "may_download",
    "notices_seen",
    "resources_seen",
    "visible",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Anybodys:
    """An export of a resource, a stranger's or one's own: asked of a policy about all of them."""

    resource: str
    requester_id: Any = None
    requester_key: str = ""
    status: str = Status.COMPLETED


def get(job_id: UUID, *, among: "QuerySet[ExportJob] | None" = None) -> ExportJob:
    """Read a job; raises `JobUnknown`."""
    rows = ExportJob.objects.using(database.alias()).select_related("file")
    job = (rows if among is None else among).filter(pk=job_id).first()
    if job is None:
        raise errors.JobUnknown(field="export", value=job_id)
    return job


def find(name: str, *, by: Person, among: "QuerySet[ExportJob] | None" = None) -> ExportJob:
    """Read a job by its UUID or short id, if the person may know of it.

    Raises `JobUnknown` alike for one that is not there and one that is not theirs to see.
    """
    try:
        job = get(from_short(name), among=among)
    except (ValueError, errors.JobUnknown):
        raise errors.JobUnknown(field="export", value=name) from None
    if not _policy(job.resource).can_see(by, job):
        raise errors.JobUnknown(field="export", value=name)
    return job


def may_download(job: ExportJob, *, by: Person) -> bool:
    """Say whether the person may fetch the export's file, were it there."""
    allowed = by.is_active and _policy(job.resource).can_download(by, job)
    return bool(allowed and _columns_covered(job, by))


def _columns_covered(job: ExportJob, by: Person) -> bool:
    """Say whether the person might see every column that the file holds in clear (P1)."""
    if job.file is None:
        return True
    receipt: dict[str, Any] = job.file.receipt
    export = registry.get(job.resource)
    below = receipt.get("children")
    if below is None:  # a receipt from before they told of child rows
        asked = receipt.get("options", {}).get("children")
        below = {kind.name: None for kind in export.children if asked}
    return _covers(by, export.columns, receipt) and all(
        _covers(by, kind.columns, below[kind.name])
        for kind in export.children
        if kind.name in below
    )


def _covers(by: Person, columns: Iterable[Column], told: Mapping[str, Any] | None) -> bool:
    """Say whether the person might see those of the columns that are in clear, all if not told."""
    clear = None if told is None else {one["key"] for one in told["columns"]} - {*told["masks"]}
    return all(
        by.has_perm(column.requires)
        for column in columns
        if column.requires and (clear is None or column.name in clear)
    )


def visible(by: Person) -> "QuerySet[ExportJob]":
    """Select the exports a person may know of: their own, and all of the resources they see."""
    mine = Q(requester_id=by.pk)
    return (
        ExportJob.objects.using(database.alias())
        .select_related("file")
        .filter(mine | Q(resource__in=resources_seen(by)))
    )


def fetchable(by: Person) -> "QuerySet[ExportJob]":
    """Select the exports whose files a person may fetch, as far as their resources tell."""
    names = registry.names()
    anybodys = [name for name in resources_seen(by) if _may_fetch(by, name, None)]
    own = [name for name in names if _may_fetch(by, name, by.pk)]
    return visible(by).filter(
        Q(resource__in=anybodys) | Q(requester_id=by.pk, resource__in=own),
    )


def _may_fetch(by: Person, resource: str, requester_id: Any) -> bool:
    asked = _Anybodys(resource=resource, requester_id=requester_id)
    return bool(_policy(resource).can_download(by, asked))


def resources_seen(by: Person) -> list[str]:
    """Name the resources of which a person sees everybody's exports and log."""
    return [
        name for name in registry.names() if _policy(name).can_see(by, _Anybodys(resource=name))
    ]


def notices_seen(by: Person, told: Collection[UUID]) -> set[UUID]:
    """Give those of the numbers of notices that tell of exports a person may know of."""
    notices = Notice.objects.using(database.alias()).filter(message_id__in=told)
    seen = notices.filter(job__in=visible(by).order_by().values("pk"))
    return set(seen.values_list("message_id", flat=True))


def log_of(job: ExportJob) -> "QuerySet[ExportLog]":
    """Select the lines of an export's log, the oldest first."""
    return ExportLog.objects.using(database.alias()).filter(job=job).order_by("seq")


def _policy(resource: str) -> Any:
    try:
        return registry.get(resource).policy
    except errors.ResourceUnknown:
        return Retired()
