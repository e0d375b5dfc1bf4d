"""The files of the jobs: announced before they are stored, withdrawn before they are removed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F, Q, Sum
from django.db.models.functions import Now

from waybill import conf, errors
from waybill.jobs import database, log
from waybill.models import ExportFile, ExportJob
from waybill.states import Event, Status
from waybill.values import Json, Kept, Written

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from waybill.jobs.lease import Claim

__all__ = [
    "Leftover",
    "announce",
    "count_download",
    "fenced",
    "give_up",
    "gone",
    "is_published",
    "kept_bytes",
    "leftovers",
    "unknown",
    "withdraw",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A stored object that belongs to no export any more."""

    file_id: int
    job_id: UUID
    kept: Kept


def announce(
    held: "Claim",
    *,
    kept: Kept | None,
    written: Written,
    name: str,
    content_type: str,
    receipt: Mapping[str, Json],
) -> int:
    """Note a file before its first byte is stored; None for one that is not kept.

    Raises `Fenced` where the attempt was superseded, `StorageFull` where the file would go over
    the quota. Returns the id for `settle.complete`.
    """
    with database.atomic():
        jobs = ExportJob.objects.using(database.alias())
        running = jobs.filter(pk=held.job_id, fence=held.fence, status=Status.PROCESSING)
        if not running.update(fence=held.fence):
            raise errors.Fenced(f"job={held.job_id} fence={held.fence}")
        if kept is not None:
            _make_room(kept.bytes)
        file = ExportFile.objects.using(database.alias()).create(
            job_id=held.job_id,
            fence=held.fence,
            alias=kept.alias if kept else "",
            key=kept.key if kept else None,
            name=name,
            content_type=content_type,
            rows=written.rows,
            bytes=written.bytes,
            sha256=written.sha256,
            receipt=dict(receipt),
        )
    return file.pk


def _make_room(size: int) -> None:
    """Let one file after the other be counted against the quota, until the transaction ends."""
    quota = conf.settings().quota_bytes
    if not quota:
        return
    log.lock_site()
    if kept_bytes() + size > quota:
        raise errors.StorageFull(f"quota={quota}")


def is_published(file_id: int) -> bool:
    """Say whether the file is its export's file."""
    return _files().filter(pk=file_id, published_by__isnull=False).exists()


def withdraw(file_id: int) -> bool:
    """Mark a file for removal unless it is published; says whether it may be removed."""
    return bool(_files().filter(pk=file_id, published_by=None).update(delete_pending_at=Now()))


def fenced(held: "Claim") -> None:
    """Log that a superseded attempt was turned away; of a canceled one that is known already."""
    with database.atomic():
        jobs = ExportJob.objects.using(database.alias()).filter(pk=held.job_id)
        if not jobs.filter(status=Status.CANCELED).exists():
            log.append(held.job_id, log.Line(Event.FENCED, details={"fence": held.fence}))


def give_up(file_id: int | None) -> None:
    """Mark an export's file for removal."""
    # By its key: joined with the jobs it took minutes where the planner did not know yet how
    # many of both there are.
    if file_id is not None:
        _files().filter(pk=file_id, deleted_at=None).update(delete_pending_at=Now())


def leftovers(*, after: int = 0, limit: int = 500) -> list[Leftover]:
    """List stored objects to remove, of files after that one: withdrawn ones, and those of
    attempts that are over.
    """
    running = Q(job__status=Status.PROCESSING, job__fence=F("fence"))
    unpublished = Q(published_by=None) & ~running
    found = _files().filter(
        Q(delete_pending_at__isnull=False) | unpublished,
        deleted_at=None,
        key__isnull=False,
        pk__gt=after,
    )
    return [
        Leftover(
            file_id=file.pk,
            job_id=file.job_id,
            kept=Kept(alias=file.alias, key=file.key or "", bytes=file.bytes, sha256=file.sha256),
        )
        for file in found.order_by("pk")[:limit]
    ]


def unknown(keys: Collection[str]) -> set[str]:
    """Pick the keys under which nothing should be stored."""
    known = _files().filter(key__in=keys, deleted_at=None).values_list("key", flat=True)
    return set(keys) - set(known)


def gone(file_id: int) -> None:
    """Note that nothing is stored under the file's key any more."""
    _files().filter(pk=file_id).update(deleted_at=Now())


def count_download(job_id: UUID) -> None:
    """Count one download of the whole file, or of its end."""
    jobs = ExportJob.objects.using(database.alias()).filter(pk=job_id)
    jobs.update(downloads=F("downloads") + 1)


def kept_bytes() -> int:
    """Add up the bytes of all files that are stored or being stored."""
    total = _files().filter(deleted_at=None, key__isnull=False).aggregate(sum=Sum("bytes"))["sum"]
    return int(total or 0)


def _files() -> "QuerySet[ExportFile]":
    return ExportFile.objects.using(database.alias())
