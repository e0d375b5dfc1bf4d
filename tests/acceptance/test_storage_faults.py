"""Real workers on a disk that fills up and a store that fails (G8, FAULTS 16, 39, 41)."""

import subprocess

import pytest

from tests.factories.faultproxy import Fault, faulty
from tests.factories.workers import until, workers
from tests.plugins.stores import Bucket
from tests.sample.models import Parcel
from waybill.jobs import queries

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]


def ended(job):
    """Wait for the end of a job, and give it."""
    until(lambda: queries.get(job.pk).completed_at)
    return queries.get(job.pk)


def test_a_worker_outlives_a_full_disk(parcels, start, small_disk):
    """FAULTS 39: 2 MB of rows on a disk of 1 MB, then few rows by the same process."""
    with workers(1, data_dir=str(small_disk)) as (one,):
        full = ended(start())
        assert (full.status, full.error_code) == ("failed", "storage_full")
        assert [path for path in small_disk.rglob("*") if path.is_file()] == []
        Parcel.objects.filter(pk__gt=Parcel.objects.earliest("pk").pk + 100).delete()
        assert ended(start()).status == "completed"
        assert one.running


def test_a_worker_outlives_a_disk_that_only_reads(parcels, start, small_disk):
    """FAULTS 16: the attempt fails in a way that is tried again, here with no place for scratch."""
    Parcel.objects.filter(pk__gt=Parcel.objects.earliest("pk").pk + 100).delete()
    missing = {"TMPDIR": str(small_disk / "nowhere")}
    given = {"data_dir": str(small_disk), "attempt_gap_seconds": 5, "variables": missing}
    with workers(1, **given) as (one,):
        assert ended(start()).status == "completed"
        remounted(small_disk, "ro")
        job = start()
        until(lambda: queries.get(job.pk).error_code == "storage_down")
        assert queries.get(job.pk).status == "pending"
        remounted(small_disk, "rw")
        assert ended(job).status == "completed"
        assert one.running


def remounted(disk, how):
    """Let a disk be written, or only read."""
    subprocess.run(["mount", "-o", f"remount,{how}", disk], check=True)


def test_a_worker_comes_through_a_store_that_fails_for_a_while(parcels, start, bucket, s3_server):
    """FAULTS 41: the store answers 503 to the first attempt, and the second one succeeds."""
    with faulty(s3_server) as proxy:
        proxy.faults = [Fault("PUT", status=503, times=2)]
        behind = Bucket(proxy.address, bucket.name)
        variables = {"STORAGE_URL": behind.url, "AWS_MAX_ATTEMPTS": "2"}
        with workers(1, variables=variables, storage="exports"):
            done = ended(start())
    assert (done.status, done.file.sha256) == ("completed", parcels.sha256)
    assert [line.event for line in queries.log_of(done)].count("retried") == 1
    assert bucket.keys() == [f"desk/{done.file.key}"]
