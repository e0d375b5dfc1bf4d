"""How a job stands and moves, on every database."""

import pytest
from django.test.utils import CaptureQueriesContext

from tests.factories.jobs import (
    RINGS,
    WRITTEN,
    claimed,
    events,
    finished,
    overdue,
    requested,
    standing,
    stored,
    together,
)
from waybill import errors
from waybill.jobs import control, database, due, files, lease, queries, settle
from waybill.jobs.lease import Progress
from waybill.models import ExportJob, Notice
from waybill.states import MOVES, Delivery, Stage, Status

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("job_database", "quiet_doorbell"),
]


def test_a_request_makes_a_queued_job_with_its_first_line_and_a_ring(person):
    job = requested(person)
    job.refresh_from_db()
    assert (job.status, job.stage, job.attempt) == (Status.PENDING, Stage.QUEUED, 0)
    assert events(job) == ["initiated"]
    assert [(str(job.pk), 0, 0)] == RINGS


def test_the_next_export_of_a_person_rings_behind_their_waiting_ones(person):
    requested(person)
    requested(person)
    assert [priority for _, _, priority in RINGS] == [0, -1]


def test_a_claim_takes_a_queued_job_once(person):
    held = claimed(person)
    job = queries.get(held.job_id)
    assert (job.status, job.attempt, job.fence) == (Status.PROCESSING, 1, 1)
    assert lease.claim(job.pk, worker="w2") is None
    assert events(job) == ["initiated", "processing"]


def test_of_workers_that_claim_at_once_one_gets_the_job(person):
    """FAULTS 4: a hundred rounds."""
    for _ in range(100):
        job = requested(person)
        claims = together([lambda job=job: lease.claim(job.pk, worker="w")] * 4)
        assert sum(held is not None for held in claims) == 1
        job.refresh_from_db()
        assert job.fence == 1


def test_a_completed_job_has_its_file_its_line_and_its_notice(person):
    job = finished(claimed(person))
    assert (job.status, job.stage, job.exported_items) == (Status.COMPLETED, Stage.DONE, 7)
    assert job.file.rows == 7
    assert events(job)[-1] == "completed"
    assert [notice.kind for notice in Notice.objects.filter(job=job)] == ["completed"]


def test_no_notice_is_written_for_who_wants_none(person):
    job = finished(claimed(person, email_notification=False))
    assert not Notice.objects.filter(job=job).exists()


def test_a_worker_that_lost_its_lease_cannot_publish_its_file(person):
    zombie = claimed(person)
    left = stored(zombie)
    overdue(zombie.job_id)
    assert lease.rescue(zombie.job_id)
    second = lease.claim(zombie.job_id, worker="w2")
    with pytest.raises(errors.LostRace):
        settle.complete(zombie, written=WRITTEN, file_id=left, milliseconds=1)
    with pytest.raises(errors.Fenced):
        lease.renew(zombie, Progress(stage=Stage.EXPORTING))
    with pytest.raises(errors.Fenced):
        stored(zombie)
    finished(second)
    files.fenced(zombie)
    assert left in [one.file_id for one in files.leftovers()]
    assert events(queries.get(zombie.job_id)) == [
        "initiated",
        "processing",
        "lost",
        "processing",
        "completed",
        "attempt_fenced",
    ]


def test_a_job_whose_worker_is_alive_is_not_rescued(person):
    held = claimed(person)
    assert not lease.rescue(held.job_id)
    lease.renew(held, Progress(stage=Stage.EXPORTING, total=10, rows=3))
    job = queries.get(held.job_id)
    assert (job.total_items, job.exported_items) == (10, 3)


def test_a_beat_is_one_statement_so_a_stopped_worker_keeps_no_row_locked(person):
    """FAULTS 3: amid a transaction it would hold up whoever takes its job over."""
    held = claimed(person)
    with CaptureQueriesContext(database.connection()) as seen:
        lease.renew(held, Progress(stage=Stage.EXPORTING, total=10, rows=3))
    assert [query["sql"].split()[0] for query in seen.captured_queries] == ["UPDATE"]


def test_the_third_lost_worker_ends_the_job(person, settings):
    job = requested(person)
    for _ in range(3):
        assert lease.claim(job.pk, worker="w")
        overdue(job.pk)
        assert lease.rescue(job.pk)
    job.refresh_from_db()
    assert (job.status, job.error_code, job.attempt) == (Status.FAILED, "worker_lost", 3)
    assert lease.claim(job.pk, worker="w") is None


def test_a_lost_direct_export_fails_and_is_never_claimed(person):
    job = requested(person, delivery=Delivery.DIRECT)
    assert lease.claim(job.pk, worker="w") is None
    assert job.pk not in due.stalled()
    overdue(job.pk)
    assert job.pk in due.stalled()
    assert lease.rescue(job.pk)
    job.refresh_from_db()
    assert (job.status, job.error_code) == (Status.FAILED, "stream_lost")


def test_a_direct_export_begins_as_it_is_made(person):
    job = requested(person, delivery=Delivery.DIRECT, worker="web:1")
    held = lease.held_on(job)
    job.refresh_from_db()
    assert held == lease.held_on(job)
    assert (job.status, job.attempt, job.worker) == (Status.PROCESSING, 1, "web:1")
    assert job.started_at is not None
    assert events(job) == ["initiated", "processing"]
    assert RINGS == []


def test_an_error_that_can_pass_is_tried_again_and_ends_with_its_code(person):
    job = requested(person)
    for attempt in (1, 2, 3):
        held = lease.claim(job.pk, worker="w")
        assert held.attempt == attempt
        assert settle.fail_attempt(held, errors.SourceGone())
    job.refresh_from_db()
    assert (job.status, job.error_code) == (Status.FAILED, "source_gone")


def test_an_error_that_cannot_pass_ends_the_job_at_once(person):
    held = claimed(person)
    settle.fail_attempt(held, errors.RowFailed(column="x"))
    assert queries.get(held.job_id).error_code == "row_failed"


def test_a_job_waits_between_attempts_by_the_databases_clock(person, settings):
    settings.WAYBILL = {**settings.WAYBILL, "attempt_gap_seconds": 60}
    held = claimed(person)
    RINGS.clear()
    settle.fail_attempt(held, errors.SourceGone())
    assert lease.claim(held.job_id, worker="w") is None
    assert [(str(held.job_id), 60, 0)] == RINGS


def test_a_handed_back_attempt_does_not_count(person, settings):
    settings.WAYBILL = {**settings.WAYBILL, "max_interruptions": 2}
    job = requested(person)
    for _ in range(3):
        assert settle.hand_back(lease.claim(job.pk, worker="w"))
    job.refresh_from_db()
    assert (job.status, job.error_code, job.interruptions) == (Status.FAILED, "interrupted", 2)


def test_a_queued_or_running_job_can_be_canceled_and_a_finished_one_not(person):
    """FAULTS 18."""
    queued, running = requested(person), claimed(person)
    control.cancel(queued, by=person)
    control.cancel(queries.get(running.job_id), by=person)
    with pytest.raises(errors.Fenced):
        lease.renew(running, Progress(stage=Stage.EXPORTING))
    done = finished(claimed(person))
    with pytest.raises(errors.WrongMoment):
        control.cancel(done, by=person)
    assert queries.get(running.job_id).status == Status.CANCELED
    assert queries.get(done.pk).status == Status.COMPLETED


def test_cancel_and_publish_at_once_have_one_winner(person):
    for _ in range(5):
        held = claimed(person)
        job, file_id = queries.get(held.job_id), stored(held)
        ends = together(
            [
                lambda held=held, file_id=file_id: settle.complete(
                    held, written=WRITTEN, file_id=file_id, milliseconds=1
                ),
                lambda job=job: control.cancel(job, by=None),
            ]
        )
        assert sum(isinstance(end, errors.WaybillError) for end in ends) == 1
        assert len(set(events(job)) & {"completed", "canceled"}) == 1


def test_a_failed_job_can_be_retried_with_all_its_attempts(person):
    held = claimed(person)
    settle.fail(held.job_id, errors.RowFailed(column="x"))
    job = control.retry(queries.get(held.job_id), by=person)
    assert (job.status, job.attempt, job.error_code) == (Status.PENDING, 0, "")
    with pytest.raises(errors.WrongMoment):
        control.retry(job, by=person)


@pytest.mark.parametrize("name", sorted(MOVES))
def test_a_move_that_is_not_in_the_table_changes_nothing(name, person):
    from waybill.jobs.moves import move

    for status in set(Status) - MOVES[name].sources:
        job = standing(person, status)
        lines = events(job)
        with pytest.raises(errors.LostRace):
            move(name, job.pk)
        job.refresh_from_db()
        assert job.status == status
        assert events(job) == lines


def test_twenty_rings_make_one_watch(person):
    held = claimed(person)
    RINGS.clear()
    for _ in range(20):
        lease.watch(held.job_id)
    assert RINGS == []
    ExportJob.objects.filter(pk=held.job_id).update(bell_at=database.clock().replace(year=2020))
    together([lambda: lease.watch(held.job_id)] * 5)
    assert len(RINGS) == 1


def test_a_lost_ring_is_found_once_by_two_sweeps(person):
    job = requested(person)
    RINGS.clear()
    ExportJob.objects.filter(pk=job.pk).update(queued_at=database.clock().replace(year=2020))
    together([due.ring_lost, due.ring_lost])
    assert [ring for ring in RINGS if ring[0] == str(job.pk)] == [(str(job.pk), 0, 0)]


def test_an_expired_file_is_withdrawn_once(person):
    job = finished(claimed(person))
    assert not due.expire(job.pk)
    ExportJob.objects.filter(pk=job.pk).update(expires_at=database.clock().replace(year=2020))
    assert job.pk in due.expired()
    assert sorted(together([lambda: due.expire(job.pk)] * 3)) == [False, False, True]
    assert job.file_id in [one.file_id for one in files.leftovers()]
    files.gone(job.file_id)
    assert job.file_id not in [one.file_id for one in files.leftovers()]


def test_a_running_attempts_file_is_no_leftover(person):
    file_id = stored(claimed(person))
    assert file_id not in [one.file_id for one in files.leftovers()]
