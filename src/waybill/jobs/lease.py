"""Who runs a job: claim, renew and rescue, each one guarded update by the database's clock."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now

from waybill import conf, errors
from waybill.jobs import bell, database, log, settle
from waybill.jobs.moves import move
from waybill.models import ExportJob
from waybill.states import Delivery, Stage, Status
from waybill.values import FrozenRequest

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = [
    "Claim",
    "Progress",
    "begun",
    "claim",
    "held_on",
    "log_batches",
    "renew",
    "rescue",
    "watch",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The right to run one attempt of a job, as long as nobody raises the fence."""

    job_id: UUID
    fence: int
    attempt: int
    resource: str
    format: str
    frozen: FrozenRequest
    requester_key: str
    requested_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far an attempt is: stage, rows counted (None before the count), rows written."""

    stage: Stage
    total: int | None = None
    rows: int = 0


def claim(job_id: UUID, *, worker: str) -> Claim | None:
    """Take a queued job; None where it is not there to be taken.

    Of any number of workers that try at once, one gets it. One whose request this version of
    Waybill cannot read fails.
    """
    due = Q(not_before__isnull=True) | Q(not_before__lte=Now())
    try:
        with database.atomic():
            job = move(
                "claim",
                job_id,
                where=due & Q(delivery=Delivery.BACKGROUND),
                changes={
                    "fence": F("fence") + 1,
                    "attempt": F("attempt") + 1,
                    "stage": Stage.COUNTING,
                    "lease_until": Now() + _lease(),
                    "bell_at": Now() + _lease() + _grace(),
                    "started_at": Coalesce("started_at", Now()),
                    "not_before": None,
                    "worker": worker,
                    "total_items": None,
                    "exported_items": 0,
                    "failed_items": 0,
                    "error_code": "",
                    "error_message": "",
                },
                line={"details": {"worker": worker}},
            )
            bell.ring(job_id, delay=(_lease() + _grace()).total_seconds())
    except errors.LostRace:
        return None
    try:
        return held_on(job)
    except (KeyError, TypeError, ValueError):
        settle.fail(job_id, errors.Unexpected("request"), where=Q(fence=job.fence))
        return None


def begun(*, worker: str) -> dict[str, Any]:
    """Give the fields of a job whose only attempt begins as it is made, in the process that asks.

    Nobody else could take it, and to make it and claim it are two ways to the disk.
    """
    return {
        "status": Status.PROCESSING,
        "stage": Stage.COUNTING,
        "fence": 1,
        "attempt": 1,
        "lease_until": Now() + _lease(),
        "started_at": Now(),
        "worker": worker,
    }


def renew(held: Claim, progress: Progress) -> None:
    """Prolong the lease and show how far the attempt is; raises `Fenced` where it is over."""
    changes = {"stage": progress.stage, "exported_items": progress.rows}
    if progress.total is not None:
        changes["total_items"] = progress.total
    # One statement and no transaction: a worker that is stopped amid one would keep the row locked.
    if not _held(held).update(lease_until=Now() + _lease(), **changes):
        raise errors.Fenced(f"job={held.job_id} fence={held.fence}")


def log_batches(held: Claim, *, begin: int, end: int, batch: int, total: int) -> None:
    """Log the batches `begin` to `end` (both counted from 1) as written; raises `Fenced`."""
    batches = -(-total // batch)
    with database.atomic():
        if not _held(held).update(fence=held.fence):
            raise errors.Fenced(f"job={held.job_id} fence={held.fence}")
        lines = [
            log.Line(
                "progress",
                processed_items=min(number * batch, total),
                current_batch=number,
                total_batches=batches,
            )
            for number in range(begin, end + 1)
        ]
        log.append(held.job_id, *lines)


def rescue(job_id: UUID) -> bool:
    """Take a job away from a worker that stopped renewing; says whether it was so.

    It is queued again, or failed where all its attempts are spent or nobody can repeat it.
    """
    over = Q(lease_until__lt=Now())
    left = Q(delivery=Delivery.BACKGROUND, attempt__lt=conf.settings().max_attempts)
    try:
        move(
            "lose",
            job_id,
            where=over & left,
            changes={
                "fence": F("fence") + 1,
                "crashes": F("crashes") + 1,
                "stage": Stage.QUEUED,
                "lease_until": None,
                "queued_at": Now(),
            },
        )
    except errors.LostRace:
        return _give_up(job_id, over)
    return True


def _give_up(job_id: UUID, over: Q) -> bool:
    spent = Q(attempt__gte=conf.settings().max_attempts)
    lost = [
        (Q(delivery=Delivery.DIRECT), errors.StreamLost()),
        (Q(delivery=Delivery.BACKGROUND) & spent, errors.WorkerLost()),
    ]
    return any(
        settle.fail(job_id, problem, where=over & kind & Q(status=Status.PROCESSING))
        for kind, problem in lost
    )


def watch(job_id: UUID) -> None:
    """Ring again when the lease now held will be over, unless such a ring is already due."""
    jobs = ExportJob.objects.using(database.alias()).filter(
        pk=job_id, status=Status.PROCESSING, delivery=Delivery.BACKGROUND
    )
    with database.atomic():
        if not jobs.filter(bell_at__lte=Now()).update(bell_at=F("lease_until") + _grace()):
            return
        due = jobs.values_list("bell_at", flat=True).first()
        if due is not None:
            bell.ring(job_id, delay=max(0.0, (due - database.clock()).total_seconds()))


def _held(held: Claim) -> "QuerySet[ExportJob]":
    return ExportJob.objects.using(database.alias()).filter(
        pk=held.job_id, fence=held.fence, status=Status.PROCESSING
    )


def held_on(job: ExportJob) -> Claim:
    """Give the claim of the attempt that a job is in."""
    return Claim(
        job_id=job.pk,
        fence=job.fence,
        attempt=job.attempt,
        resource=job.resource,
        format=job.format,
        frozen=FrozenRequest.from_json(job.frozen),
        requester_key=job.requester_key,
        requested_at=job.requested_at,
    )


def _lease() -> timedelta:
    return timedelta(seconds=conf.settings().lease_seconds)


def _grace() -> timedelta:
    return timedelta(seconds=conf.settings().bell_grace_seconds)
