"""Whose turn it is among queued exports: a place in the line that is fixed at the request.

A small export goes before a large one and a person's first before their further ones, but only if
it comes soon enough: the later somebody asks, the later their turn, so nobody waits for ever.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, F, Q
from django.db.models.functions import Now

from waybill import conf
from waybill.jobs import bell, database
from waybill.models import ExportJob
from waybill.states import Delivery, Status

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["next_in_line", "room_for", "stand_in_line", "wake_next_of"]

ROWS_A_SECOND = 10_000  # an export takes a tenth of what it lets others go first by, or less
FURTHER = timedelta(minutes=10)  # by which each further export of one person comes later
COUNTED = 1_000  # waiting exports of one person; their next one comes a week later


def stand_in_line(job: ExportJob, *, rows: int | None) -> int:
    """Give a new export its turn; returns how many of the same person wait already."""
    own = _waiting().filter(requester_key=job.requester_key).exclude(pk=job.pk)
    earlier = len(own.values_list("pk")[:COUNTED])
    longest = conf.settings().overtaken_seconds
    behind = timedelta(seconds=min(longest, (rows or 0) / ROWS_A_SECOND))
    turn = F("queued_at") + (behind + earlier * FURTHER)
    ExportJob.objects.using(database.alias()).filter(pk=job.pk).update(turn_at=turn)
    return earlier


def next_in_line(most: int) -> "QuerySet[ExportJob]":
    """Give the exports whose turn comes first, of people who may have one more running."""
    due = _waiting().filter(Q(not_before=None) | Q(not_before__lte=Now()))
    return due.exclude(requester_key__in=_busy()).order_by("turn_at", "pk")[:most]


def room_for(requester_key: str) -> bool:
    """Say whether a person, whose row is locked, may have one more export running."""
    most = conf.settings().running_per_person
    if not most or not requester_key:
        return True
    return _running().filter(requester_key=requester_key).count() < most


def wake_next_of(job: ExportJob) -> None:
    """Ring for the next export of a person whose running one ended: its own ring found no room."""
    if job.delivery != Delivery.BACKGROUND or not job.requester_key:
        return
    if not conf.settings().running_per_person:
        return
    own = _waiting().filter(requester_key=job.requester_key).exclude(pk=job.pk)
    following = own.order_by("turn_at").values_list("pk", flat=True).first()
    if following is not None:
        bell.ring(following)


def _busy() -> "QuerySet[ExportJob, str]":
    """Give the keys of people who have as many exports running as one may."""
    most = conf.settings().running_per_person
    running = _running().exclude(requester_key="")
    if not most:
        return running.none().values_list("requester_key", flat=True)
    keys = running.order_by().values("requester_key").annotate(many=Count("pk"))
    return keys.filter(many__gte=most).values_list("requester_key", flat=True)


def _waiting() -> "QuerySet[ExportJob]":
    return _background().filter(status=Status.PENDING)


def _running() -> "QuerySet[ExportJob]":
    return _background().filter(status=Status.PROCESSING)


def _background() -> "QuerySet[ExportJob]":
    return ExportJob.objects.using(database.alias()).filter(delivery=Delivery.BACKGROUND)
