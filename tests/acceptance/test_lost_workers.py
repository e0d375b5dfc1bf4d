"""Workers that are killed, stopped and continued at each point of a run (FAULTS 1, 3, 5, 6, 10)."""

import signal

import pytest
from django_tasks_db.models import DBTaskResult

from tests.factories.faults import fault
from tests.factories.workers import sweeping, until, workers
from waybill.jobs import audit, control, files, queries
from waybill.models import ExportFile, Notice
from waybill.tasks import ring

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]

POINTS = ["claimed", "counted", "rows", "written", "announced", "stored", "committed"]


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


def test_a_terminated_worker_hands_its_job_to_another(parcels, start, disk, tmp_path):
    job = start()
    with workers(1, **fault("pace", "rows", tmp_path)) as (first,):
        until(lambda: queries.get(job.pk).exported_items > 0)
        first.send(signal.SIGTERM)
        code, said = first.ended()
        assert code == 0, said
        handed = queries.get(job.pk)
        assert (handed.status, handed.attempt, handed.interruptions) == ("pending", 0, 1)
        assert disk() == []
        with workers(1):
            done = until(lambda: ended(job))
    assert (done.status, done.attempt) == ("completed", 1)
    assert events(done)[:4] == ["initiated", "processing", "interrupted", "processing"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_idle_worker_ends_at_once_and_well(number):
    with workers(1) as (one,):
        until(lambda: "SigCgt" in status_of(one) and catches(one, number))
        one.send(number)
        code, said = one.ended()
    assert code == 0, said


def status_of(one):
    from pathlib import Path

    return Path(f"/proc/{one.process.pid}/status").read_text()


def catches(one, number):
    line = next(line for line in status_of(one).splitlines() if line.startswith("SigCgt"))
    caught = int(line.split()[1], 16)
    return bool(caught >> (number - 1) & 1) and bool(caught >> (signal.SIGQUIT - 1) & 1)


def test_fifty_rings_make_one_run_and_no_watch_beside_the_first(parcels, start, disk):
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
    job = start()
    DBTaskResult.objects.all().delete()
    with workers(1), sweeping():
        assert until(lambda: ended(job)).status == "completed"


def test_a_job_that_kills_its_workers_ends_and_holds_up_no_other(parcels, start, tmp_path):
    poison = start()
    others = [start() for _ in range(6)]
    strikes = fault("SIGKILL", "counted", tmp_path, times=10, job=poison.pk)
    with workers(4, **strikes), sweeping():
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
