"""An S3 that fails in every way at every step: nothing half is kept, nothing whole is lost."""

import hashlib
from urllib import error, request
from uuid import uuid4

import pytest
from botocore.config import Config
from django.contrib.auth import get_user_model
from django.core.files.storage import storages

from tests.factories.faultproxy import Fault, faulty
from tests.factories.jobs import overdue, requested
from tests.plugins.stores import Bucket, free_port
from tests.sample.models import Parcel
from waybill import conf, errors
from waybill.jobs import control, files, lease, queries
from waybill.models import ExportFile
from waybill.store.vault import vault
from waybill.values import Kept, Written
from waybill.work.download import Asked, download
from waybill.work.run import run
from waybill.work.sweep import sweep

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]

PART = 8 * 1024 * 1024  # boto3 sends larger files in parts of this size
SIZE = 2 * PART + 1_000
PARTS, COMPLETE, ABORT = "partNumber=", "uploadId=", "uploadId="


@pytest.fixture
def proxy(s3_server):
    with faulty(s3_server) as running:
        yield running


@pytest.fixture
def bucket(s3_server, proxy, settings):
    """Keep exports in a bucket behind the proxy, by a client that loses patience soon."""
    made = Bucket.made(s3_server)
    behind = Bucket(proxy.address, made.name).storage
    config = Config(
        read_timeout=2,
        connect_timeout=2,
        signature_version="s3v4",
        retries={"total_max_attempts": 2, "mode": "standard"},
    )
    options = behind["OPTIONS"] | {"client_config": config}
    settings.STORAGES = {**settings.STORAGES, "kept": behind | {"OPTIONS": options}}
    settings.WAYBILL = {**settings.WAYBILL, "storage": "kept"}
    yield made
    storages["kept"].connection.meta.client.close()


@pytest.fixture
def large(tmp_path):
    """Write a file of three parts, and name it as a kept one."""
    path = tmp_path / "large"
    data = b"0123456789abcdef" * (SIZE // 16 + 1)
    path.write_bytes(data[:SIZE])
    digest = hashlib.sha256(data[:SIZE]).hexdigest()
    key = f"exports/{uuid4()}/{uuid4().hex}-parcels.csv"
    return path, Kept(alias="kept", key=key, bytes=SIZE, sha256=digest)


@pytest.fixture
def pat():
    Parcel.objects.bulk_create(Parcel(code=f"P-{number}", text="x" * 900) for number in range(500))
    return get_user_model().objects.create_user("pat", display_name="Pat")


def stored_hash(kept):
    return hashlib.sha256(b"".join(vault("kept").read(kept, 0, kept.bytes))).hexdigest()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("PUT", PARTS, status=500),
        Fault("PUT", PARTS, status=503),
        Fault("PUT", PARTS, lose=True),
        Fault("PUT", PARTS, seconds=3),
        Fault("POST", "uploads", status=503),
        Fault("POST", COMPLETE, status=500),
    ],
    ids=str,
)
def test_a_fault_that_passes_costs_no_file(fault, bucket, proxy, large):
    """FAULTS 41: on the begin, on a part, on the end."""
    path, kept = large
    proxy.faults = [fault]
    vault("kept").keep(path, kept)
    assert fault.times == 0
    assert stored_hash(kept) == kept.sha256
    assert bucket.uploads() == []


@pytest.mark.parametrize("status", [500, 503, 403])
@pytest.mark.parametrize(("method", "text"), [("PUT", PARTS), ("POST", COMPLETE)])
def test_a_fault_that_stays_leaves_no_object_and_no_part(
    status, method, text, bucket, proxy, large
):
    """FAULTS 40, 41: the upload is aborted."""
    path, kept = large
    proxy.faults = [Fault(method, text, status=status, times=99)]
    with pytest.raises(errors.StorageDown):
        vault("kept").keep(path, kept)
    assert bucket.keys() == []
    assert bucket.uploads() == []
    assert path.exists()


def test_an_upload_whose_end_went_unheard_is_found_whole(bucket, proxy, large):
    """FAULTS 41: complete succeeded and its answer was lost; what is stored decides."""
    path, kept = large
    proxy.faults = [Fault("POST", COMPLETE, lose=True)]
    vault("kept").keep(path, kept)
    assert stored_hash(kept) == kept.sha256


def test_a_bucket_that_is_not_there_is_a_storage_that_is_down(bucket, large, settings):
    """FAULTS 41."""
    path, kept = large
    client = bucket.client()
    client.delete_bucket(Bucket=bucket.name)
    with pytest.raises(errors.StorageDown):
        vault("kept").keep(path, kept)


def test_a_job_meets_a_storage_that_is_down_and_comes_through(bucket, proxy, pat):
    """FAULTS 41: tried again as another attempt, with one object at the end."""
    proxy.faults = [Fault("PUT", status=503, times=99)]
    job = requested(pat)
    run(str(job.pk))
    assert queries.get(job.pk).error_code == "storage_down"
    proxy.faults = []
    assert run(str(job.pk)).status == "completed"
    assert len(bucket.keys()) == 1


def test_a_store_that_nobody_reaches_is_tried_again(bucket, pat, settings):
    """FAULTS 41."""
    working = settings.STORAGES
    nowhere = {**working["kept"]["OPTIONS"], "endpoint_url": f"http://127.0.0.1:{free_port()}"}
    settings.STORAGES = {**working, "kept": {**working["kept"], "OPTIONS": nowhere}}
    job = requested(pat)
    run(str(job.pk))
    waiting = queries.get(job.pk)
    assert (waiting.status, waiting.error_code) == ("pending", "storage_down")
    settings.STORAGES = working
    assert run(str(job.pk)).status == "completed"
    assert len(bucket.keys()) == 1
    assert not any(conf.settings().spool.iterdir())


def test_parts_left_by_a_killed_worker_are_aborted_by_the_sweep(bucket, pat):
    """FAULTS 42: the row was there before the first part."""
    held = lease.claim(requested(pat).pk, worker="w")
    key = f"exports/{held.job_id}/{uuid4().hex}-parcels.csv"
    kept = Kept(alias="kept", key=key, bytes=1, sha256="")
    written = Written(rows=1, bytes=1, sha256="", blocks=())
    said = {"name": "a.csv", "content_type": "text/csv", "receipt": {}}
    files.announce(held, kept=kept, written=written, **said)
    bucket.client().create_multipart_upload(Bucket=bucket.name, Key=f"desk/{key}")
    assert sweep()["removed"] == 0
    overdue(held.job_id)
    assert sweep()["removed"] == 1
    assert bucket.uploads() == []


@pytest.mark.parametrize("done_to", ["deleted", "truncated", "replaced"])
def test_what_happens_to_an_object_behind_our_back_never_makes_a_valid_file(done_to, bucket, pat):
    """FAULTS 43."""
    job = requested(pat)
    run(str(job.pk))
    done = queries.get(job.pk)
    place = {"Bucket": bucket.name, "Key": f"desk/{done.file.key}"}
    client = bucket.client()
    data = client.get_object(**place)["Body"].read()
    if done_to == "deleted":
        client.delete_object(**place)
    else:
        other = data[:-9] if done_to == "truncated" else data.replace(b"P-", b"Q-")
        client.put_object(**place, Body=other)
    with pytest.raises((errors.FileGone, errors.FileDamaged)):
        b"".join(download(done, by=pat, asked=Asked()).chunks)
    assert queries.log_of(done).last().event == "integrity_error"


def test_an_object_that_cannot_be_deleted_is_tried_again(bucket, proxy, pat):
    """FAULTS 44: the row says so until nothing is there."""
    job = requested(pat)
    run(str(job.pk))
    control.delete_now(queries.get(job.pk), by=pat)
    proxy.faults = [Fault("DELETE", status=403, times=1)]
    assert sweep()["removed"] == 0
    file = ExportFile.objects.get()
    assert (file.delete_pending_at is None, file.deleted_at) == (False, None)
    assert sweep()["removed"] == 1
    assert bucket.keys() == []
    assert ExportFile.objects.get().deleted_at


def test_a_download_can_be_sent_to_a_signed_address_for_a_short_time(bucket, pat, settings):
    """FAULTS 79, G14: at most a minute, for this object, as an attachment, and only if wanted."""
    job = requested(pat)
    run(str(job.pk))
    done = queries.get(job.pk)
    assert download(done, by=pat, asked=Asked()).status == 200
    settings.WAYBILL = {**settings.WAYBILL, "redirect_seconds": 30}
    given = download(done, by=pat, asked=Asked())
    address = given.headers["Location"]
    assert (given.status, list(given.chunks)) == (302, [])
    assert "X-Amz-Expires=30" in address
    with request.urlopen(address) as answer:
        assert hashlib.sha256(answer.read()).hexdigest() == done.file.sha256
    assert [line.event for line in queries.log_of(done)][-1] == "download_started"
    assert queries.get(done.pk).downloads == 1
    pat.is_active = False
    with pytest.raises(errors.DownloadRefused):
        download(done, by=pat, asked=Asked())


def test_the_signed_address_gives_no_other_object(bucket, pat, settings):
    """FAULTS 79: without its signature, nothing."""
    settings.WAYBILL = {**settings.WAYBILL, "redirect_seconds": 30}
    job = requested(pat)
    run(str(job.pk))
    address = download(queries.get(job.pk), by=pat, asked=Asked()).headers["Location"]
    with pytest.raises(error.HTTPError):
        request.urlopen(address.replace(str(job.pk), str(uuid4())))
