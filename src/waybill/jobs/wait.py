"""How long a queued export may wait, from those before it and from what the last ones took."""

import math
from typing import TYPE_CHECKING

from waybill.jobs import database
from waybill.models import ExportJob
from waybill.states import Delivery, Status

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["LOWEST_RANK", "ahead", "estimated_seconds", "rank"]

LOWEST_RANK = 99  # queues take a priority down to -100

REMEMBERED = 20  # exports: enough to smooth one slow run, few enough to follow a change
UNKNOWN_SECONDS = 10


def ahead(job: ExportJob) -> int:
    """Count the exports whose turn is before this one's."""
    waiting = _background().filter(status=Status.PENDING, turn_at__lt=job.turn_at)
    return waiting.count()


def rank(job: ExportJob) -> int:
    """Count the earlier exports of the same person that still wait, 99 at most.

    Rung by that rank, a person's second export waits behind everybody's first.
    """
    own = _background().filter(status=Status.PENDING, requester_key=job.requester_key)
    earlier = own.filter(queued_at__lt=job.queued_at).exclude(pk=job.pk)
    return len(earlier.values_list("pk")[:LOWEST_RANK])


def estimated_seconds(job: ExportJob) -> int:
    """Guess how many seconds it takes until the export's file is there."""
    done = _background().filter(status=Status.COMPLETED, resource=job.resource)
    times = done.order_by("-completed_at").values_list("started_at", "completed_at")[:REMEMBERED]
    took = [(ended - began).total_seconds() for began, ended in times if began and ended]
    seconds = sum(took) / len(took) if took else UNKNOWN_SECONDS
    running = max(1, _background().filter(status=Status.PROCESSING).count())
    return max(1, math.ceil(seconds * (1 + ahead(job) / running)))


def _background() -> "QuerySet[ExportJob]":
    return ExportJob.objects.using(database.alias()).filter(delivery=Delivery.BACKGROUND)
