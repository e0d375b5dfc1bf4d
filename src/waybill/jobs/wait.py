"""How long a queued export may wait, from what the last ones took."""

import math
from typing import TYPE_CHECKING

from django.db.models import Avg, ExpressionWrapper, F, fields

from waybill.jobs import database
from waybill.models import ExportJob
from waybill.states import Delivery, Status

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["ahead", "estimated_seconds"]

REMEMBERED = 20  # exports: enough to smooth one slow run, few enough to follow a change
UNKNOWN_SECONDS = 10


def ahead(job: ExportJob) -> int:
    """Count the exports that were queued before this one and still wait."""
    waiting = _background().filter(status=Status.PENDING, queued_at__lt=job.queued_at)
    return waiting.count()


def estimated_seconds(job: ExportJob) -> int:
    """Guess how many seconds it takes until the export's file is there."""
    took = ExpressionWrapper(
        F("completed_at") - F("started_at"), output_field=fields.DurationField()
    )
    done = _background().filter(status=Status.COMPLETED, resource=job.resource)
    last = list(done.order_by("-completed_at").values_list("pk", flat=True)[:REMEMBERED])
    mean = done.filter(pk__in=last).aggregate(mean=Avg(took))["mean"]
    seconds = mean.total_seconds() if mean is not None else UNKNOWN_SECONDS
    running = max(1, _background().filter(status=Status.PROCESSING).count())
    return max(1, math.ceil(seconds * (1 + ahead(job) / running)))


def _background() -> "QuerySet[ExportJob]":
    return ExportJob.objects.using(database.alias()).filter(delivery=Delivery.BACKGROUND)
