"""What wakes a worker: Django's task backends, and queues that fail (FAULTS 5, 7, 8)."""

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from tests.factories.jobs import RINGS, requested
from tests.sample.models import Parcel
from waybill.jobs import database, due, queries
from waybill.models import ExportJob
from waybill.tasks import ring

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("fresh_folder")]


@pytest.fixture
def pat():
    Parcel.objects.create(code="P-1")
    return get_user_model().objects.create_user("pat", display_name="Pat")


def broken(job_id, *, delay=0, priority=0):
    """Stand for a queue that is down."""
    raise ConnectionError


def test_the_immediate_backend_runs_an_export_as_it_is_requested(pat, settings):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}
    job = requested(pat)
    assert queries.get(job.pk).status == "completed"


def test_a_backend_that_cannot_defer_gets_no_ring_for_later(pat, settings):
    settings.TASKS = {"default": {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}}
    job = requested(pat)
    from django.tasks import task_backends

    assert len(task_backends["default"].results) == 1
    ring(str(job.pk), delay=10)
    assert len(task_backends["default"].results) == (
        2 if task_backends["default"].supports_defer else 1
    )


def test_the_database_backend_keeps_a_ring_for_later_until_its_time(pat):
    job = requested(pat)
    ring(str(job.pk), delay=60)
    first, later = DBTaskResult.objects.order_by("run_after")
    assert (later.run_after - first.enqueued_at).total_seconds() > 55


def test_a_queue_that_is_down_leaves_the_job_to_the_sweep(pat, settings):
    settings.WAYBILL = {**settings.WAYBILL, "doorbell": "tests.integration.test_doorbells.broken"}
    job = requested(pat)
    assert queries.get(job.pk).status == "pending"
    settings.WAYBILL = {**settings.WAYBILL, "doorbell": "tests.factories.jobs.heard"}
    RINGS.clear()
    ExportJob.objects.update(queued_at=database.clock().replace(year=2020))
    assert due.ring_lost() == 1
    assert [(str(job.pk), 0, 0)] == RINGS


def test_a_request_that_is_rolled_back_rings_nobody(pat):
    with transaction.atomic():
        requested(pat)
        transaction.set_rollback(True)
    assert DBTaskResult.objects.count() == 0
    assert ExportJob.objects.count() == 0
