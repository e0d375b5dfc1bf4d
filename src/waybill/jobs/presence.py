"""Which processes are there to run exports, by what they say themselves."""

from collections.abc import Sequence
from datetime import timedelta

from django.db.models.functions import Now

from waybill import conf
from waybill.jobs import database
from waybill.models import Worker

__all__ = ["beat", "forget_old", "leave", "seen"]

MISSED = 3  # beats; a worker that missed so many is taken for gone
FORGOTTEN = timedelta(hours=1)


def beat(name: str) -> None:
    """Say that a worker is there."""
    workers = Worker.objects.using(database.alias())
    if not workers.filter(pk=name).update(seen_at=Now()):
        workers.bulk_create([Worker(name=name)], ignore_conflicts=True)


def leave(name: str) -> None:
    """Say that a worker ends."""
    Worker.objects.using(database.alias()).filter(pk=name).delete()


def seen() -> Sequence[Worker]:
    """List the workers that are there, by name."""
    recent = timedelta(seconds=conf.settings().presence_seconds * MISSED)
    workers = Worker.objects.using(database.alias())
    return list(workers.filter(seen_at__gt=Now() - recent).order_by("name"))


def forget_old() -> int:
    """Drop the workers that have been silent for long; returns how many."""
    workers = Worker.objects.using(database.alias())
    return workers.filter(seen_at__lt=Now() - FORGOTTEN).delete()[0]
