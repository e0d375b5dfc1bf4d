"""Workers that are killed, stopped and continued at each point of a run (FAULTS 1, 3, 5, 6)."""

import signal

import pytest
from django_tasks_db.models import DBTaskResult

from tests.factories.faults import fault
from tests.factories.workers import replaced, sweeping, until, workers
from waybill.jobs import audit, control, files, queries
from waybill.models import ExportFile, Notice
from waybill.tasks import ring

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]

POINTS = ["claimed", "rows", "announced", "stored", "committed"]


def ended(job):
    """Give the job once it has ended."""
    job.refresh_from_db()
    return job.status in {"completed", "failed", "canceled"} and job


def events(job):
    return [line.event for line in queries.log_of(job)]


def assert_one_whole_file(job, disk, expected):
    """The job has one file, whole; after a sweep nothing else is on the disk."""
    from waybill.work.sweep import sweep

    assert job.status == "completed"
    sweep()
    assert disk() == [job.file.key.rpartition("/")[2]]
    assert job.file.sha256 == expected
    assert ExportFile.objects.filter(deleted_at=None).count() == 1
    assert Notice.objects.filter(job=job, kind="completed").count() == 1
    assert list(audit.verify()) == []


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_workers_job_is_completed_once_by_another(point, parcels, start, disk, tmp_path):
    """G9, FAULTS 1: on this host's disk; all points stand in test_kill_points.py, in a bucket."""
    expected = parcels.sha256
    job = start()
    with workers(2, **fault("SIGKILL", point, tmp_path)) as pair, sweeping():
        until(lambda: not all(one.running for one in pair))
        done = until(lambda: ended(job))
    assert_one_whole_file(done, disk, expected)
    assert done.attempt == (1 if point == "committed" else 2)
    assert ("lost" in events(done)) == (point != "committed")


@pytest.mark.parametrize("point", ["rows", "announced", "stored"])
def test_a_worker_that_slept_past_its_lease_is_turned_away(point, parcels, start, disk, tmp_path):
    """G3, G4, FAULTS 3: amid the rows, before the file is stored, before it is published."""
    expected = parcels.sha256
    job = start()
    with workers(2, **fault("SIGSTOP", point, tmp_path)) as pair, sweeping():
        done = until(lambda: ended(job))
        for one in pair:
            one.send(signal.SIGCONT)
        until(lambda: "attempt_fenced" in events(done))
        until(lambda: len(disk()) == 1)
    assert_one_whole_file(done, disk, expected)
    assert done.attempt == 2


def test_fifty_rings_make_one_run_and_no_watch_beside_the_first(parcels, start, disk):
    """G3, FAULTS 5."""
    job = start()
    for _ in range(50):
        ring(str(job.pk))
    with workers(2):
        done = until(lambda: ended(job))
        until(lambda: not DBTaskResult.objects.filter(status__in=["READY", "RUNNING"]).exists())
    assert done.attempt == 1
    assert DBTaskResult.objects.filter(status="FAILED").count() == 0
    assert DBTaskResult.objects.count() <= 53
    assert len(disk()) == 1


def test_a_lost_ring_is_rung_again_by_the_sweep(parcels, start):
    """FAULTS 6."""
    job = start()
    DBTaskResult.objects.all().delete()
    with workers(1), sweeping():
        assert until(lambda: ended(job)).status == "completed"


def test_a_job_that_kills_its_workers_ends_and_holds_up_no_other(parcels, start, tmp_path):
    """G12: two workers, each replaced when it dies."""
    others = [start() for _ in range(10)]
    poison = start()
    others += [start() for _ in range(10)]
    strikes = fault("SIGKILL", "counted", tmp_path, times=10, job=poison.pk)
    with replaced(2, **strikes), sweeping():
        ends = [until(lambda job=job: ended(job), 150) for job in (poison, *others)]
    assert (ends[0].status, ends[0].error_code, ends[0].attempt) == ("failed", "worker_lost", 3)
    assert (ends[0].crashes, events(ends[0]).count("processing")) == (2, 3)
    assert {job.status for job in ends[1:]} == {"completed"}


def test_a_canceled_running_export_stops_and_leaves_nothing(parcels, start, disk, tmp_path):
    job = start()
    with workers(1, **fault("pace", "rows", tmp_path)):
        until(lambda: queries.get(job.pk).exported_items > 0)
        canceled = control.cancel(queries.get(job.pk), by=None)
        assert canceled.status == "canceled"
        until(lambda: disk() == [])
    assert files.leftovers() == []
    assert events(job)[-1] == "canceled"
