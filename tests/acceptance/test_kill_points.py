"""A worker killed at each step of an export that goes to a bucket: nothing is left (G9)."""

import pytest

from tests.factories import faults
from tests.factories.faultproxy import Fault, faulty
from tests.factories.workers import until, workers
from tests.plugins.parcels import ROWS
from tests.plugins.stores import Bucket
from tests.sample.models import Parcel
from waybill.jobs import audit, queries
from waybill.models import ExportFile, Notice
from waybill.work.sweep import sweep

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]

# After each of these, and from which row on. Amid an upload is a test of its own.
POINTS = {
    "claim": ("claimed", 0),
    "count": ("counted", 0),
    "first row": ("rows", 1),
    "middle": ("rows", ROWS // 2),
    "last row": ("rows", ROWS),
    "close": ("written", 0),
    "announcement": ("announced", 0),
    "upload": ("stored", 0),
    "commit": ("committed", 0),
    "decision to mail": ("notice_claimed", 0),
    "mail": ("notice_accepted", 0),
    "note of the mail": ("notice_noted", 0),
}
AT_THE_END = ("committed", "notice_claimed", "notice_accepted", "notice_noted")


@pytest.fixture
def job(parcels, start):
    """Request an export by somebody whom a mail reaches."""
    made = start()
    made.requester.email = "pat@desk.example"
    made.requester.save()
    return made


def completed(job):
    now = queries.get(job.pk)
    assert now.status != "failed", now.error_code
    return now if now.status == "completed" else None


def assert_nothing_else_is_left(job, bucket, disk):
    """After one sweep there is the file of the export, and nothing in spool, bucket or parts."""
    sweep()
    assert disk() == []
    assert bucket.keys() == [f"desk/{job.file.key}"]
    assert bucket.uploads() == []
    assert ExportFile.objects.filter(deleted_at=None).count() == 1
    assert Notice.objects.filter(job=job, kind="completed").count() == 1
    assert list(audit.verify()) == []


@pytest.mark.parametrize("after", POINTS)
def test_a_worker_killed_after_each_step_leaves_one_object(
    after, job, parcels, bucket, disk, tmp_path
):
    """G9, FAULTS 1: twelve points."""
    point, row = POINTS[after]
    struck = faults.fault("SIGKILL", point, tmp_path, at=row)
    variables = struck.pop("variables") | {"STORAGE_URL": bucket.url}
    with workers(2, variables=variables, storage="exports", **struck) as pair:
        until(lambda: not all(one.running for one in pair))
        done = until(lambda: completed(job))
    assert done.attempt == (1 if point in AT_THE_END else 2)
    assert done.file.sha256 == parcels.sha256
    assert_nothing_else_is_left(done, bucket, disk)


def test_a_worker_killed_amid_the_parts_of_its_upload_leaves_one_object(
    job, bucket, disk, s3_server
):
    """G9, FAULTS 42: the parts that were sent are thrown away by the sweep."""
    Parcel.objects.update(text="wide load " * 300)
    with faulty(s3_server) as proxy:
        proxy.faults = [Fault("PUT", "partNumber=2", seconds=60)]
        behind = {"STORAGE_URL": Bucket(proxy.address, bucket.name).url}
        with workers(1, variables=behind, storage="exports") as (one,):
            until(lambda: not proxy.faults[0].times)
            one.kill()
    assert len(bucket.uploads()) == 1
    with workers(1, variables={"STORAGE_URL": bucket.url}, storage="exports"):
        done = until(lambda: completed(job))
    assert (done.attempt, done.crashes) == (2, 1)
    assert_nothing_else_is_left(done, bucket, disk)
