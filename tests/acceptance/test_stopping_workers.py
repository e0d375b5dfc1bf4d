"""Workers that are told to end, at every moment (G11, FAULTS 10, 11)."""

import signal

import pytest

from tests.factories.faults import fault
from tests.factories.workers import until, workers
from waybill.jobs import queries

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]

BOTH = pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])


def ended(job):
    job.refresh_from_db()
    return job.status in {"completed", "failed", "canceled"} and job


def events(job):
    return [line.event for line in queries.log_of(job)]


def writes(job):
    """Say whether rows of a job flow."""
    now = queries.get(job.pk)
    return now.status == "processing" and now.exported_items > 0


def owner(job, pair):
    """Give the worker that runs a job, and the other one."""
    number = int(queries.get(job.pk).worker.rpartition(":")[2])
    return sorted(pair, key=lambda one: one.process.pid != number)


@BOTH
def test_an_idle_worker_ends_at_once_and_well(number):
    """FAULTS 10."""
    with workers(1) as (one,):
        until(lambda: one.catches(number) and one.catches(signal.SIGQUIT))
        one.send(number)
        code, said = one.ended()
    assert code == 0, said


@BOTH
def test_a_worker_told_to_end_hands_its_job_to_another(number, parcels, start, disk, tmp_path):
    """G11, FAULTS 10: the attempt does not count, and nothing of it is left."""
    expected = parcels.sha256
    job = start()
    with workers(2, **fault("pace", "rows", tmp_path)) as pair:
        until(lambda: writes(job))
        first, _ = owner(job, pair)
        first.send(number)
        code, said = first.ended()
        assert code == 0, said
        done = until(lambda: ended(job))
    assert (done.status, done.attempt, done.interruptions) == ("completed", 1, 1)
    assert done.file.sha256 == expected
    assert events(done)[:4] == ["initiated", "processing", "interrupted", "processing"]
    assert disk() == [done.file.key.rpartition("/")[2]]


@pytest.mark.parametrize(
    ("number", "point"),
    [
        (signal.SIGTERM, "claimed"),
        (signal.SIGINT, "stored"),
        (signal.SIGTERM, "committed"),
    ],
)
def test_a_worker_told_to_end_at_any_point_ends_well(number, point, parcels, start, disk, tmp_path):
    """FAULTS 10: between the claim and the first row, before and after publishing."""
    job = start()
    with workers(1, **fault(number.name, point, tmp_path)) as (one,):
        code, said = one.ended()
    assert code == 0, said
    now = queries.get(job.pk)
    assert (now.status, now.attempt) in {("pending", 0), ("completed", 1)}
    assert len(disk()) == now.attempt
    with workers(1):
        assert until(lambda: ended(job)).status == "completed"
    assert len(disk()) == 1


def test_a_worker_told_twice_leaves_its_job_to_another(parcels, start, disk, tmp_path):
    """FAULTS 10: handed back, or taken over once the lease is over; never failed by it."""
    job = start()
    with workers(2, **fault("pace", "rows", tmp_path)) as pair:
        until(lambda: writes(job))
        first, _ = owner(job, pair)
        first.send(signal.SIGTERM)
        first.send(signal.SIGTERM)
        first.ended()
        done = until(lambda: ended(job))
    assert done.status == "completed"
    assert "failed" not in events(done)


def test_an_export_that_no_deploy_lets_finish_ends_as_interrupted(parcels, start, disk, tmp_path):
    """FAULTS 11: restarts are no failures, but there is an end to them."""
    job = start()
    given = fault("pace", "rows", tmp_path)
    for _ in range(3):
        with workers(1, max_interruptions=2, **given) as (one,):
            until(lambda: writes(job))
            one.send(signal.SIGTERM)
            assert one.ended()[0] == 0
    now = queries.get(job.pk)
    assert (now.status, now.error_code, now.interruptions) == ("failed", "interrupted", 2)
    assert disk() == []
