"""What a sweep has to look at, found by the rows alone."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from waybill import conf, errors
from waybill.jobs import bell, database, files, outbox, wait
from waybill.jobs.moves import move
from waybill.models import ExportJob, Notice, SweepTurn
from waybill.states import Delivery, NoticeKind, Status

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["expire", "expired", "ring_lost", "stalled", "turn", "warn_expiring"]

BATCH = 500


def stalled() -> list[UUID]:
    """List the jobs that nobody carries on: their lease is over."""
    lost = Q(status=Status.PROCESSING, lease_until__lt=Now())
    return list(_jobs().filter(lost).order_by("queued_at").values_list("pk", flat=True)[:BATCH])


def ring_lost() -> int:
    """Ring once more for queued jobs that nobody took in time; returns for how many.

    A job is rung for at most once in that time, by however many sweeps, and ever more seldom the
    longer it waits: behind a long queue nothing was lost, and rings would only fill it. It is rung
    behind the earlier ones of the same person, as at the request.
    """
    patience = timedelta(seconds=conf.settings().lost_ring_seconds)
    now = database.clock()
    waited = Q(not_before=None, queued_at__lt=Now() - patience) | Q(not_before__lt=Now())
    unheard = Q(bell_at=None) | Q(bell_at__lt=Now())
    lost = _jobs().filter(waited & unheard, status=Status.PENDING, delivery=Delivery.BACKGROUND)
    rung = 0
    for job in list(lost.order_by("queued_at").only("pk", "queued_at", "requester_key")[:BATCH]):
        with database.atomic():
            pause = max(patience, now - job.queued_at)
            mine = lost.filter(pk=job.pk).update(bell_at=Now() + pause)
            rung += mine
            if mine:
                bell.ring(job.pk, priority=-wait.rank(job))
    return rung


def expired() -> list[UUID]:
    """List the completed jobs whose time is over, or whose requester was deleted."""
    jobs = _jobs().filter(_over(), status=Status.COMPLETED)
    return list(jobs.order_by("expires_at").values_list("pk", flat=True)[:BATCH])


def expire(job_id: UUID) -> bool:
    """Withdraw an expired file and log it; says whether this call did it."""
    try:
        with database.atomic():
            files.give_up(move("expire", job_id, where=_over()).file_id)
    except errors.LostRace:
        return False
    return True


def warn_expiring() -> int:
    """Put a notice into the outbox for each file nobody fetched that soon expires."""
    ahead = timedelta(seconds=conf.settings().expiry_warning_seconds)
    told = Notice.objects.using(database.alias()).filter(kind=NoticeKind.EXPIRING)
    soon = _jobs().filter(
        status=Status.COMPLETED,
        delivery=Delivery.BACKGROUND,
        downloads=0,
        email_notification=True,
        requester__isnull=False,
        expires_at__range=(Now(), Now() + ahead),
        # A file that lives no longer than the warning is ahead would be warned of at its birth.
        requested_at__lt=Now() - ahead,
    )
    warned = 0
    for job in soon.exclude(pk__in=told.values("job"))[:BATCH]:
        with database.atomic():
            # The update locks the job, so that of two sweeps the second sees the first one's.
            _jobs().filter(pk=job.pk).update(downloads=job.downloads)
            if not told.filter(job=job).exists():
                outbox.put(job, NoticeKind.EXPIRING)
                warned += 1
    return warned


def turn(step: str, *, seconds: float) -> bool:
    """Take the turn at a step that is done once in so many seconds, by however many sweeps."""
    turns = SweepTurn.objects.using(database.alias())
    turns.bulk_create([SweepTurn(step=step)], ignore_conflicts=True)
    free = turns.filter(step=step, next_at__lte=Now())
    return bool(free.update(next_at=Now() + timedelta(seconds=seconds)))


def _over() -> Q:
    # The system's own exports have no key.
    orphaned = Q(requester=None) & ~Q(requester_key="")
    return Q(expires_at__lte=Now()) | orphaned


def _jobs() -> "QuerySet[ExportJob]":
    return ExportJob.objects.using(database.alias())
