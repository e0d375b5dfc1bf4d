"""Expiry and clean-up: exact, in batches, by many, again after a kill (FAULTS 102 to 104)."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tests.factories.heaps import copies
from tests.factories.jobs import requested
from tests.factories.workers import Process, until
from tests.sample.models import Parcel
from waybill import conf, errors, registry
from waybill.contrib.tasks_db import tidy
from waybill.jobs import audit, database, due, queries
from waybill.models import ExportFile, ExportJob, SweepTurn
from waybill.tasks import ring
from waybill.work import sweep as sweeping
from waybill.work.download import Asked, download
from waybill.work.run import run
from waybill.work.sweep import sweep

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]

MANY = 700  # more than one batch of 500


@pytest.fixture
def pat():
    Parcel.objects.create(code="P-1")
    return get_user_model().objects.create_user("pat", display_name="Pat")


@pytest.fixture
def done(pat):
    job = requested(pat)
    run(str(job.pk))
    return queries.get(job.pk)


def kept_files():
    return [path for path in conf.settings().files.rglob("*") if path.is_file()]


def expired_long_ago(person, count):
    """Leave as many files as nobody swept for three days."""
    ago = timezone.now() - timedelta(days=3)
    jobs = [
        ExportJob(
            resource="parcels", format="csv", requester=person, requester_label="Pat", frozen={},
            expires_at=ago, completed_at=ago,
        )
        for _ in range(count)
    ]  # fmt: skip
    ExportJob.objects.bulk_create(jobs)
    files = [
        ExportFile(
            job=job, fence=0, key=f"exports/{job.pk}/{uuid4().hex}-parcels.csv", name="p.csv",
            content_type="text/csv", rows=1, bytes=1, sha256="", receipt={},
        )
        for job in jobs
    ]  # fmt: skip
    for job, file in zip(jobs, ExportFile.objects.bulk_create(files), strict=True):
        path = conf.settings().files / file.key
        path.parent.mkdir(parents=True)
        path.write_bytes(b"x")
        job.file, job.status = file, "completed"
    ExportJob.objects.bulk_update(jobs, ["file", "status"], batch_size=500)


@pytest.mark.timeout(240)
def test_a_heap_is_cleared_by_sweeps_at_once_after_one_was_killed_in_the_middle(pat):
    """FAULTS 102: not run for three days, killed mid-way, then twice in parallel."""
    expired_long_ago(pat, MANY)
    expired = ExportJob.objects.filter(status="expired")
    first = Process("sweep_exports", "--once")
    until(lambda: expired.count() > 100)
    first.kill()
    assert expired.count() < MANY
    pair = [Process("sweep_exports", "--once") for _ in range(2)]
    assert [one.ended(seconds=200)[0] for one in pair] == [0, 0]
    sweep()
    assert expired.count() == MANY
    assert ExportFile.objects.filter(deleted_at=None).count() == 0
    assert kept_files() == []
    assert set(expired.values_list("log_length", flat=True)) == {1}
    assert list(audit.verify()) == []


HEAP = 100_000


def test_a_hundred_thousand_expired_files_are_cleared_batch_by_batch(done, monkeypatch):
    """FAULTS 102: a sweep takes no more than its time allows, and the next one goes on."""
    job_id, file_id = "md5('heap' || n)::uuid", f"{done.file_id} + n"
    with transaction.atomic():
        copies(
            done, HEAP, id=job_id, file_id=file_id, log_length="0", log_head="''",
            expires_at="now() - interval '3 days'",
        )  # fmt: skip
        key = f"'exports/' || {job_id} || '/' || md5(n::text) || '-parcels.csv'"
        copies(done.file, HEAP, id=file_id, job_id=job_id, key=key)
    assert len(due.expired()) == due.BATCH
    monkeypatch.setattr(sweeping, "STEP_SECONDS", 0)  # no time for a second batch
    for swept in (1, 2):
        counted = sweep()
        assert (counted["expired"], counted["removed"]) == (due.BATCH, due.BATCH)
        assert ExportJob.objects.filter(status="expired").count() == swept * due.BATCH
    assert ExportFile.objects.filter(deleted_at=None).count() == 1 + HEAP - 2 * due.BATCH
    assert download(queries.get(done.pk), by=done.requester, asked=Asked()).status == 200


def test_a_file_ends_at_its_time_and_not_before(done, pat):
    """FAULTS 103, G19: whatever the sweep does."""
    now = database.clock()
    ExportJob.objects.update(expires_at=now + timedelta(seconds=60))
    assert sweep()["expired"] == 0
    assert download(queries.get(done.pk), by=pat, asked=Asked()).status == 200
    ExportJob.objects.update(expires_at=now)
    with pytest.raises(errors.FileGone):
        download(queries.get(done.pk), by=pat, asked=Asked())
    assert sweep()["expired"] == 1


def test_an_expiry_shorter_than_the_run_counts_from_the_request(pat, monkeypatch):
    """FAULTS 103: complete, and gone at once."""
    export = registry.get("parcels")
    monkeypatch.setattr(type(export), "retention", timedelta(milliseconds=1))
    job = requested(pat)
    assert run(str(job.pk)).status == "completed"
    done = queries.get(job.pk)
    assert done.expires_at == done.requested_at + timedelta(milliseconds=1)
    with pytest.raises(errors.FileGone):
        download(done, by=pat, asked=Asked())
    sweep()
    assert (queries.get(job.pk).status, kept_files()) == ("expired", [])


def test_an_expiry_put_off_by_an_operator_holds(done, pat):
    """FAULTS 103."""
    ExportJob.objects.update(expires_at=database.clock())
    ExportJob.objects.update(expires_at=database.clock() + timedelta(days=30))
    assert sweep()["expired"] == 0
    assert download(queries.get(done.pk), by=pat, asked=Asked()).status == 200


@pytest.fixture
def rings(pat):
    """Leave rings of every kind and age."""
    ago = timezone.now() - timedelta(days=2)
    kinds = {
        "heard": {"status": "SUCCESSFUL", "started_at": ago, "finished_at": ago},
        "broken": {"status": "FAILED", "started_at": ago, "finished_at": ago},
        "stuck": {"status": "RUNNING", "started_at": ago},
        "running": {"status": "RUNNING", "started_at": timezone.now()},
        "waiting": {"status": "READY"},
        "other": {"status": "SUCCESSFUL", "finished_at": ago, "task_path": "host.tasks.other"},
    }
    made = {}
    for name, values in kinds.items():
        before = set(DBTaskResult.objects.values_list("pk", flat=True))
        ring(str(uuid4()))
        (made[name],) = set(DBTaskResult.objects.values_list("pk", flat=True)) - before
        DBTaskResult.objects.filter(pk=made[name]).update(**values)
    return made


def test_rings_that_nobody_needs_any_more_are_deleted(rings):
    """Also those of workers that were killed; another task of the host is its own matter."""
    assert tidy() == 3
    left = set(DBTaskResult.objects.values_list("pk", flat=True))
    assert left == {rings["running"], rings["waiting"], rings["other"]}


def test_rings_are_looked_through_once_in_a_while(rings):
    """FAULTS 104: of two schedulers one does it."""
    assert sweep()["tidied"] == 3
    DBTaskResult.objects.update(finished_at=timezone.now() - timedelta(days=2))
    assert sweep()["tidied"] == 0
    SweepTurn.objects.update(next_at=database.clock())
    assert sweep()["tidied"] == 2
