"""How an attempt ends: completed, failed, to be tried again, or handed back."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Now

from waybill import conf, errors
from waybill.jobs import bell, database, outbox
from waybill.jobs.moves import move
from waybill.models import ExportJob
from waybill.states import NoticeKind, Stage
from waybill.values import Written

if TYPE_CHECKING:
    from waybill.jobs.lease import Claim

__all__ = [
    "ENDED",
    "QUEUED",
    "complete",
    "fail",
    "fail_attempt",
    "hand_back",
    "try_again",
]

ENDED: dict[str, Any] = {"lease_until": None, "bell_at": None, "completed_at": Now()}
QUEUED: dict[str, Any] = {"lease_until": None, "stage": Stage.QUEUED, "queued_at": Now()}


def complete(held: "Claim", *, written: Written, file_id: int, milliseconds: int) -> ExportJob:
    """Publish an attempt's file: status, line and notice in one transaction.

    Raises `LostRace` where the attempt was superseded; its file is then nobody's.
    """
    with database.atomic():
        job = move(
            "complete",
            held.job_id,
            where=Q(fence=held.fence),
            changes=ENDED
            | {
                "stage": Stage.DONE,
                "file_id": file_id,
                "total_items": written.rows + written.failed,
                "exported_items": written.rows,
                "failed_items": written.failed,
            },
            line={
                "processed_items": written.rows,
                "duration_ms": milliseconds,
                "details": {"bytes": written.bytes, "sha256": written.sha256},
            },
        )
        outbox.put(job, NoticeKind.COMPLETED)
        return job


def fail(job_id: UUID, problem: errors.WaybillError, *, where: Q | None = None) -> bool:
    """End a job for good, with the reason in plain words; says whether it was there to be ended."""
    sentence = str(problem.public)[:500]
    try:
        with database.atomic():
            job = move(
                "fail",
                job_id,
                where=where,
                changes=ENDED
                | {
                    "fence": F("fence") + 1,
                    "error_code": problem.code,
                    "error_message": sentence,
                },
                line={"message": sentence, "details": {"code": problem.code}},
            )
            outbox.put(job, NoticeKind.FAILED)
    except errors.LostRace:
        return False
    return True


def fail_attempt(held: "Claim", problem: errors.WaybillError) -> bool:
    """Settle a failed attempt: again later where that can help, else for good."""
    if problem.retryable and try_again(held, problem):
        return True
    return fail(held.job_id, problem, where=Q(fence=held.fence))


def try_again(held: "Claim", problem: errors.WaybillError) -> bool:
    """Queue the job for its next attempt; says whether it has one left."""
    gap = conf.settings().attempt_gap_seconds
    return _requeue(
        "try_again",
        held,
        where=Q(attempt__lt=conf.settings().max_attempts, delivery="background"),
        delay=gap,
        changes={
            "not_before": Now() + timedelta(seconds=gap),
            "error_code": problem.code,
            "error_message": str(problem.public)[:500],
        },
        line={"message": str(problem.public), "details": {"code": problem.code}},
    )


def hand_back(held: "Claim") -> bool:
    """Queue the job at once for another worker, because this one is told to stop.

    The attempt does not count; after too many of them the job fails as `interrupted`.
    """
    queued = _requeue(
        "hand_back",
        held,
        where=Q(interruptions__lt=conf.settings().max_interruptions, delivery="background"),
        changes={"attempt": F("attempt") - 1, "interruptions": F("interruptions") + 1},
    )
    return queued or fail(held.job_id, errors.Interrupted(), where=Q(fence=held.fence))


def _requeue(
    name: str,
    held: "Claim",
    *,
    where: Q,
    changes: dict[str, Any],
    delay: float = 0,
    line: dict[str, Any] | None = None,
) -> bool:
    try:
        with database.atomic():
            move(
                name,
                held.job_id,
                where=where & Q(fence=held.fence),
                changes=QUEUED | {"fence": F("fence") + 1, "bell_at": None} | changes,
                line=line,
            )
            bell.ring(held.job_id, delay=delay)
    except errors.LostRace:
        return False
    return True
