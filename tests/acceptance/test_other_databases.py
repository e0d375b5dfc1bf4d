"""Real workers on each database that the job tables may live in (FAULTS 1, 5, 20)."""

import sqlite3
import time

import pytest
from django.db import connections
from django_tasks_db.models import DBTaskResult

from tests.factories.faults import fault
from tests.factories.jobs import events, requested
from tests.factories.workers import sweeping, until, workers
from tests.sample.models import Wagon
from waybill.jobs import audit, control, queries
from waybill.models import ExportJob
from waybill.values import ExportRequest

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(400),
    pytest.mark.usefixtures("fresh_folder"),
]

WAGONS = ExportRequest(resource="wagons")
ROWS = 10_000
OTHERS = pytest.mark.parametrize("job_database", ["sqlite", "mariadb"], indirect=True)


@pytest.fixture
def wagons(job_database):
    """Fill the tables; the ones beside PostgreSQL are not emptied between tests."""
    # What tests without workers left waiting or running would be carried on by those of this one.
    for left in ExportJob.objects.filter(status__in=["pending", "processing"]):
        control.cancel(left, by=None)
    Wagon.objects.all().delete()
    DBTaskResult.objects.all().delete()
    Wagon.objects.bulk_create(Wagon(id=number, word="x" * 50) for number in range(ROWS))
    return job_database


def ended(job):
    now = queries.get(job.pk)
    return now if now.status in {"completed", "failed", "canceled"} else None


@OTHERS
def test_a_killed_workers_export_is_completed_by_another(wagons, disk, tmp_path):
    job = requested(None, request=WAGONS)
    with workers(2, **fault("SIGKILL", "rows", tmp_path, job=job.pk)), sweeping():
        done = until(lambda: ended(job))
    assert (done.status, done.attempt, done.crashes) == ("completed", 2, 1)
    assert done.file.rows == ROWS
    assert "lost" in events(done)
    assert disk() == [done.file.key.rpartition("/")[2]]
    assert list(audit.verify()) == []


@OTHERS
def test_a_canceled_export_stops_and_leaves_nothing(wagons, disk, tmp_path):
    job = requested(None, request=WAGONS)
    with workers(1, **fault("pace", "rows", tmp_path)):
        until(lambda: queries.get(job.pk).exported_items > 0)
        control.cancel(queries.get(job.pk), by=None)
        until(lambda: disk() == [])
    assert queries.get(job.pk).status == "canceled"


@pytest.mark.parametrize("job_database", ["sqlite"], indirect=True)
def test_workers_wait_for_a_queue_that_another_writer_holds(wagons, disk):
    """FAULTS 20: longer than SQLite waits by itself."""
    file = connections[wagons].settings_dict["NAME"]
    with workers(2) as pair, sweeping():
        job = requested(None, request=WAGONS)
        until(lambda: ended(job))
        writer = sqlite3.connect(file, isolation_level=None)
        writer.execute("BEGIN IMMEDIATE")
        time.sleep(12)
        alive = [one.running for one in pair]
        writer.execute("ROLLBACK")
        writer.close()
        after = requested(None, request=WAGONS)
        assert until(lambda: ended(after)).status == "completed"
    assert alive == [True, True]
