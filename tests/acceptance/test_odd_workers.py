"""Workers with a wrong clock, workers of another version, and a queue that one person fills."""

import pytest
from django.contrib.auth import get_user_model
from django_tasks_db.models import DBTaskResult

from tests.factories.faults import fault
from tests.factories.heaps import copies
from tests.factories.jobs import events, requested
from tests.factories.workers import QUICK, sweeping, until, workers
from tests.plugins.parcels import PLAIN
from waybill.jobs import database, due, queries, turns, wait
from waybill.models import ExportJob

HEAVY = 10_000

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]


def ended(job):
    job.refresh_from_db()
    return job.status in {"completed", "failed", "canceled"} and job


@pytest.mark.parametrize("clock", [600, -600])
def test_a_wrong_clock_takes_no_job_early_and_keeps_none_for_ever(clock, parcels, start, tmp_path):
    """FAULTS 15: leases are by the database's clock, whatever the hosts think."""
    job = start()
    with workers(1, clock=clock, **fault("SIGKILL", "rows", tmp_path)) as (one,):
        until(lambda: not one.running)
    held = queries.get(job.pk)
    left = (held.lease_until - database.clock()).total_seconds()
    assert held.status == "processing"
    assert left <= QUICK["lease_seconds"]

    slow = fault("pace", "rows", tmp_path)
    with workers(1, **slow), workers(1, clock=clock, **slow), workers(1, clock=-clock), sweeping():
        done = until(lambda: ended(job))
        after = start()
        second = until(lambda: ended(after))
    assert (done.status, done.attempt) == ("completed", 2)
    assert (second.status, second.attempt) == ("completed", 1)
    began = [line.created_at for line in queries.log_of(done) if line.event == "processing"]
    assert began[1] > held.lease_until


def test_a_task_that_a_new_version_renamed_harms_no_worker(parcels, start):
    """FAULTS 14: the ring is lost, the job is not."""
    job = start()
    DBTaskResult.objects.update(task_path="waybill.tasks.renamed")
    with workers(1) as (one,), sweeping():
        assert until(lambda: ended(job)).status == "completed"
        assert one.running


def test_a_request_that_this_version_cannot_read_fails_and_holds_up_no_other(parcels, start):
    """FAULTS 14: an old worker meets the layout of a new version."""
    strange, unknown, plain = start(), start(), start()
    ExportJob.objects.filter(pk=strange.pk).update(frozen={"version": 99})
    ExportJob.objects.filter(pk=unknown.pk).update(resource="nowhere")
    with workers(1) as (one,):
        until(lambda: all(ended(job) for job in (strange, unknown, plain)))
        assert one.running
    assert [job.error_code for job in (strange, unknown, plain)] == [
        "unexpected",
        "unknown_resource",
        "",
    ]
    assert [job.attempt for job in (strange, unknown, plain)] == [1, 1, 1]


def test_one_person_who_fills_the_queue_holds_up_nobody_else(parcels, start):
    """FAULTS 17: the first export of somebody else comes before a person's second one."""
    heavy = [start() for _ in range(120)]
    other = get_user_model().objects.create_user("lou", display_name="Lou")
    light = requested(other, request=PLAIN)
    ExportJob.objects.update(queued_at=database.clock().replace(year=2020))
    assert due.ring_lost() == len(heavy) + 1
    with workers(1):
        done = until(lambda: ended(light))
    before = ExportJob.objects.filter(completed_at__lt=done.completed_at).exclude(pk=light.pk)
    assert done.status == "completed"
    assert before.count() <= 2
    assert events(light) == ["initiated", "processing", "progress", "completed"]


def test_ten_thousand_queued_exports_of_one_person_hold_up_nobody_else(parcels, start):
    """FAULTS 17: who comes last waits for one export, not for ten thousand."""
    first = start()
    ring = DBTaskResult.objects.get()
    job_id, asked = "md5('job' || n)::uuid", "r.queued_at + n * interval '1 ms'"
    turn = f"{asked} + least(n, {turns.COUNTED}) * interval '{turns.FURTHER.seconds} s'"
    copies(first, HEAVY, id=job_id, queued_at=asked, turn_at=turn)
    said = f"jsonb_build_object('args', jsonb_build_array({job_id}), 'kwargs', '{{}}'::jsonb)"
    priority = f"-least(n, {wait.LOWEST_RANK})"
    copies(ring, HEAVY, id="gen_random_uuid()", args_kwargs=said, priority=priority)
    other = get_user_model().objects.create_user("lou", display_name="Lou")
    light = requested(other, request=PLAIN)
    with workers(1):
        done = until(lambda: ended(light))
    before = ExportJob.objects.filter(completed_at__lt=done.completed_at).exclude(pk=light.pk)
    assert done.status == "completed"
    assert before.count() <= 2
