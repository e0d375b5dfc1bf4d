"""Where a job can stand, how it may move, and what the log calls it."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

__all__ = [
    "ENDED",
    "MOVES",
    "Delivery",
    "Event",
    "Move",
    "NoticeKind",
    "NoticeOutcome",
    "Stage",
    "Status",
]


class Status(TextChoices):
    """Where a job stands."""

    PENDING = "pending", _("Queued")
    PROCESSING = "processing", _("Running")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    CANCELED = "canceled", _("Canceled")
    EXPIRED = "expired", _("Expired")


class Stage(TextChoices):
    """What a running job is doing."""

    QUEUED = "queued", _("Queued")
    COUNTING = "counting", _("Counting rows")
    EXPORTING = "exporting", _("Writing rows")
    UPLOADING = "uploading", _("Storing the file")
    DONE = "done", _("Done")


class Delivery(TextChoices):
    """How the rows reach the person: as a kept file or straight in the response."""

    BACKGROUND = "background", _("In the background")
    DIRECT = "direct", _("At once")


class Event(TextChoices):
    """What a line of the log says happened to an export."""

    INITIATED = "initiated", _("Requested")
    PROCESSING = "processing", _("Started")
    PROGRESS = "progress", _("Progress")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    RETRIED = "retried", _("Queued again")
    CANCELED = "canceled", _("Canceled")
    LOST = "lost", _("Worker lost")
    INTERRUPTED = "interrupted", _("Handed back by a stopping worker")
    FENCED = "attempt_fenced", _("A superseded attempt was turned away")
    DOWNLOAD_STARTED = "download_started", _("Download started")
    DOWNLOADED = "downloaded", _("Downloaded")
    INTEGRITY = "integrity_error", _("The stored file is damaged or missing")
    REFUSED = "refused", _("Refused")
    CHECKED = "dry_run", _("Dry run")
    EXPIRED = "expired", _("Expired")
    DELETED = "deleted", _("File deleted")
    NOTIFIED = "notified", _("Notice sent")


class NoticeKind(TextChoices):
    """What a notice in the outbox tells."""

    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    EXPIRING = "expiring", _("Expires soon")


class NoticeOutcome(TextChoices):
    """What became of a notice; it has none while it waits."""

    SENT = "sent", _("Sent")
    UNWANTED = "unwanted", _("Not wanted by the person")
    OUTDATED = "outdated", _("No longer true")
    NO_ADDRESS = "no_address", _("No address")
    REFUSED = "refused", _("Refused by the server")
    GIVEN_UP = "given_up", _("Given up after the last try")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One allowed step: from any of `sources` to `target`, told as `event`."""

    sources: frozenset[Status]
    target: Status
    event: Event


def _move(target: Status, event: Event, *sources: Status) -> Move:
    return Move(sources=frozenset(sources), target=target, event=event)


ENDED = frozenset({Status.COMPLETED, Status.FAILED, Status.CANCELED, Status.EXPIRED})

# The whole state machine. Anything that is not a line of this table does not happen. A job is made
# pending; a direct one, which the process that asks for it begins at once, processing.
MOVES: Mapping[str, Move] = MappingProxyType(
    {
        "claim": _move(Status.PROCESSING, Event.PROCESSING, Status.PENDING),
        "complete": _move(Status.COMPLETED, Event.COMPLETED, Status.PROCESSING),
        "try_again": _move(Status.PENDING, Event.RETRIED, Status.PROCESSING),
        "hand_back": _move(Status.PENDING, Event.INTERRUPTED, Status.PROCESSING),
        "lose": _move(Status.PENDING, Event.LOST, Status.PROCESSING),
        "fail": _move(Status.FAILED, Event.FAILED, Status.PENDING, Status.PROCESSING),
        "cancel": _move(Status.CANCELED, Event.CANCELED, Status.PENDING, Status.PROCESSING),
        "retry": _move(Status.PENDING, Event.RETRIED, Status.FAILED),
        "expire": _move(Status.EXPIRED, Event.EXPIRED, Status.COMPLETED),
        "delete": _move(Status.EXPIRED, Event.DELETED, Status.COMPLETED),
    }
)
