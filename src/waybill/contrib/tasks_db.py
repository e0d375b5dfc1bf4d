"""Keeps the table of django-tasks-db short: rings that were heard are of no use any more."""

from datetime import timedelta

from django.apps import apps
from django.db.models import Q
from django.db.models.functions import Now
from django.tasks import TaskResultStatus

from waybill.jobs import due

__all__ = ["tidy"]

RING = "waybill.tasks.run_export"
EVERY_SECONDS = 600
HEARD = timedelta(hours=1)
# A worker that was killed leaves its ring as running for ever. No export runs for a day.
STUCK = timedelta(days=1)
BATCH = 5_000


def tidy() -> int:
    """Delete rings that were heard an hour ago, or taken a day ago by a worker that died.

    Only rings: other tasks of the host are its own matter. Returns how many.
    """
    if not apps.is_installed("django_tasks_db") or not due.turn("rings", seconds=EVERY_SECONDS):
        return 0
    from django_tasks_db.models import DBTaskResult

    ended = Q(finished_at__lt=Now() - HEARD)
    stuck = Q(status=TaskResultStatus.RUNNING, started_at__lt=Now() - STUCK)
    old = DBTaskResult.objects.filter(ended | stuck, task_path=RING)
    count = 0
    while page := list(old.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        count += DBTaskResult.objects.filter(pk__in=page).delete()[0]
    return count
