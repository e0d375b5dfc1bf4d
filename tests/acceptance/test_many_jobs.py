"""Many exports while workers are restarted and connections are cut (FAULTS 11, 24)."""

import time

import pytest
from django.db import connection

from tests.factories.workers import replaced, sweeping, until, workers
from waybill.jobs import audit
from waybill.models import ExportFile, ExportJob

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]


@pytest.fixture
def pool():
    """Run three workers, each replaced when it dies."""
    with replaced(3) as running:
        yield running


def ended(jobs):
    left = ExportJob.objects.filter(pk__in=[job.pk for job in jobs])
    return not left.filter(status__in=["pending", "processing"]).exists()


def assert_each_has_one_file(jobs, disk, expected):
    from waybill.work.sweep import sweep

    sweep()
    done = ExportJob.objects.filter(pk__in=[job.pk for job in jobs]).select_related("file")
    assert {(job.status, job.error_code) for job in done} <= {
        ("completed", ""),
        ("failed", "worker_lost"),
    }
    completed = [job for job in done if job.status == "completed"]
    assert {job.file.sha256 for job in completed} == {expected}
    assert disk() == sorted(job.file.key.rpartition("/")[2] for job in completed)
    assert ExportFile.objects.filter(deleted_at=None).count() == len(completed)
    assert list(audit.verify()) == []
    return completed


def test_exports_survive_every_connection_being_cut(parcels, start, disk, pool):
    """FAULTS 24: those that read rows, and all others."""
    jobs = [start() for _ in range(12)]
    with sweeping():
        for _ in range(6):
            time.sleep(0.7)
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        until(lambda: ended(jobs), 120)
    assert_each_has_one_file(jobs, disk, parcels.sha256)


def test_restarts_are_no_failures_of_the_exports_they_meet(parcels, start, disk):
    """FAULTS 11: a deploy that restarts every worker, three times over."""
    jobs = [start() for _ in range(8)]
    with sweeping():
        for _ in range(3):
            with workers(2) as pair:
                time.sleep(3)
                for one in pair:
                    one.process.terminate()
                codes = [one.ended()[0] for one in pair]
            assert set(codes) <= {0, -15}
        with workers(2):
            until(lambda: ended(jobs), 60)
    completed = assert_each_has_one_file(jobs, disk, parcels.sha256)
    assert len(completed) == 8
