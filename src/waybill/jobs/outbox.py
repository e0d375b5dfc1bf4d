"""The outbox: a notice is put in with its event and taken out by one sender at a time.

A sender claims a notice for a while by one guarded update. `tries` is its fence: who was too
slow changes nothing any more, so that each notice is noted as sent once.
"""

import uuid
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import F, Q
from django.db.models.functions import Now

from waybill import conf
from waybill.jobs import database, log
from waybill.models import ExportJob, Notice
from waybill.states import Delivery, Event, NoticeKind, NoticeOutcome, Status
from waybill.values import Json

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = [
    "claim",
    "drop",
    "outdated",
    "put",
    "put_off",
    "sent",
    "troubled",
    "try_again",
    "waiting",
]

LONGEST_GAP = 3_600.0
REASON = 200


def put(job: ExportJob, kind: NoticeKind) -> None:
    """Put a notice in, if the person asked to hear of this export.

    Belongs into the transaction of the event, with the job as it is after its line of the log:
    job and line make the identity, so that one event has one notice.
    """
    wanted = job.email_notification and job.requester_id is not None
    if not wanted or job.delivery != Delivery.BACKGROUND:
        return
    place = 0 if kind == NoticeKind.EXPIRING else job.log_length
    identity = uuid.uuid5(job.pk, f"{kind} {place}")
    _notices().create(job=job, kind=kind, message_id=identity)


def waiting(job_id: UUID | None = None, *, limit: int = 200) -> list[int]:
    """List the notices that are due, the longest waiting first; of one export, if it is named."""
    found = _due() if job_id is None else _due().filter(job=job_id)
    return list(found.order_by("due_at", "pk").values_list("pk", flat=True)[:limit])


def troubled() -> bool:
    """Say whether the last thing heard of the mail server was a failure."""
    return _open().exclude(last_error="").exists()


def claim(notice_id: int) -> Notice | None:
    """Take a notice to send it; None where it is not there to be taken."""
    lease = timedelta(seconds=conf.settings().notice_lease_seconds)
    mine = _due().filter(pk=notice_id)
    with database.atomic():
        if not mine.update(tries=F("tries") + 1, lease_until=Now() + lease):
            return None
        return _notices().select_related("job", "job__file", "job__requester").get(pk=notice_id)


def outdated(notice: Notice) -> bool:
    """Say whether what the notice tells is no longer so: canceled, deleted, retried, fetched."""
    job = ExportJob.objects.using(database.alias()).filter(pk=notice.job_id)
    alive = Q(status=Status.COMPLETED, expires_at__gt=Now())
    true = {
        NoticeKind.COMPLETED: alive,
        NoticeKind.FAILED: Q(status=Status.FAILED),
        NoticeKind.EXPIRING: alive & Q(downloads=0),
    }[NoticeKind(notice.kind)]
    return not job.filter(true).exists()


def sent(notice: Notice) -> bool:
    """Note a claimed notice as sent, with its line of the log; says whether this call did it."""
    with database.atomic():
        if not _end(notice, NoticeOutcome.SENT, sent_at=Now()):
            return False
        ExportJob.objects.using(database.alias()).filter(pk=notice.job_id).update(
            email_sent_at=Now()
        )
        said: dict[str, Json] = {
            "kind": notice.kind,
            "channel": notice.channel,
            "tries": notice.tries,
        }
        log.append(notice.job_id, log.Line(Event.NOTIFIED, details=said))
    return True


def drop(notice: Notice, outcome: NoticeOutcome, reason: str = "") -> bool:
    """Note that a claimed notice will not be sent, and why."""
    return _end(notice, outcome, dropped_at=Now(), last_error=reason[:REASON])


def put_off(notice: Notice, reason: str) -> bool:
    """Try a claimed notice again later, each time twice as late; give it up after the last try."""
    if notice.tries >= conf.settings().notice_tries:
        return drop(notice, NoticeOutcome.GIVEN_UP, reason)
    gap = min(LONGEST_GAP, conf.settings().notice_gap_seconds * 2 ** (notice.tries - 1))
    later = Now() + timedelta(seconds=gap)
    return bool(_held(notice).update(lease_until=None, due_at=later, last_error=reason[:REASON]))


def try_again(notice_id: int) -> bool:
    """Have a notice that was given up or refused sent once more, with all its tries."""
    failed = Q(outcome__in=[NoticeOutcome.GIVEN_UP, NoticeOutcome.REFUSED])
    return bool(
        _notices()
        .filter(failed, pk=notice_id)
        .update(outcome="", dropped_at=None, due_at=Now(), tries=0, last_error="")
    )


def _end(notice: Notice, outcome: NoticeOutcome, **values: object) -> bool:
    return bool(_held(notice).update(outcome=outcome, lease_until=None, **values))


def _notices() -> "QuerySet[Notice]":
    return Notice.objects.using(database.alias())


def _open() -> "QuerySet[Notice]":
    return _notices().filter(sent_at=None, dropped_at=None)


def _due() -> "QuerySet[Notice]":
    free = Q(lease_until=None) | Q(lease_until__lt=Now())
    return _open().filter(free, due_at__lte=Now())


def _held(notice: Notice) -> "QuerySet[Notice]":
    return _open().filter(pk=notice.pk, tries=notice.tries)
