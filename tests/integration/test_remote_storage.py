"""Kept files in S3 and Azure Blob, on server programs on this machine (FAULTS 43, 51)."""

import hashlib
from urllib.request import urlopen
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.files.storage import storages

from tests.factories.jobs import requested
from tests.plugins.stores import Bucket, Container
from tests.sample.models import Parcel
from waybill import errors
from waybill.jobs import control, queries
from waybill.models import ExportFile, ExportJob
from waybill.store.remote import S3Vault
from waybill.store.vault import vault
from waybill.values import Kept
from waybill.work.download import Asked, download
from waybill.work.run import run
from waybill.work.sweep import sweep

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell", "remote"),
    # django-storages asks the clock so when it signs for Azure.
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
]


@pytest.fixture(params=["s3", "azure"])
def box(request):
    """Make a bucket or container of the test's own."""
    kind = {"s3": Bucket, "azure": Container}[request.param]
    return kind.made(request.getfixturevalue(f"{request.param}_server"))


@pytest.fixture
def remote(box, settings):
    """Keep exports in the box, and give a function that lists its keys."""
    settings.STORAGES = {**settings.STORAGES, "kept": box.storage}
    settings.WAYBILL = {**settings.WAYBILL, "storage": "kept"}
    yield box.keys
    storage = storages["kept"]
    (storage.connection.meta.client if isinstance(box, Bucket) else storage.client).close()


@pytest.fixture
def pat():
    Parcel.objects.bulk_create(
        Parcel(code=f"P-{number}", text="wide load " * 100) for number in range(1_000)
    )
    return get_user_model().objects.create_user("pat", display_name="Pat")


@pytest.fixture
def done(pat):
    job = requested(pat)
    assert run(str(job.pk)).status == "completed"
    return queries.get(job.pk)


def kept_of(job):
    file = job.file
    return Kept(alias=file.alias, key=file.key, bytes=file.bytes, sha256=file.sha256)


def replaced(job, data, tmp_path):
    """Put other bytes under the job's key."""
    path = tmp_path / "other"
    path.write_bytes(data)
    other = Kept(alias="kept", key=job.file.key, bytes=len(data), sha256="00" * 32)
    vault("kept").keep(path, other)


def test_an_export_is_kept_whole_and_given_out_by_range(done, pat, remote):
    assert remote() == [f"desk/{done.file.key}"]
    data = b"".join(download(done, by=pat, asked=Asked()).chunks)
    assert hashlib.sha256(data).hexdigest() == done.file.sha256
    part = download(done, by=pat, asked=Asked(range="bytes=1000-1999"))
    assert b"".join(part.chunks) == data[1000:2000]


def test_bytes_changed_behind_our_back_never_make_a_whole_file(done, pat, tmp_path):
    data = bytearray(b"".join(download(done, by=pat, asked=Asked()).chunks))
    data[len(data) // 2] ^= 1
    replaced(done, bytes(data), tmp_path)
    sent = bytearray()
    chunks = download(done, by=pat, asked=Asked()).chunks
    with pytest.raises(errors.FileDamaged):
        sent.extend(b"".join(chunks))
    assert len(sent) < len(data)
    assert queries.log_of(done).last().event == "integrity_error"


def test_a_file_that_is_gone_is_told_before_the_first_byte(done, pat):
    vault("kept").remove(kept_of(done))
    with pytest.raises(errors.FileGone):
        download(done, by=pat, asked=Asked())
    assert queries.log_of(done).last().event == "integrity_error"


def test_an_empty_file_is_given_out_without_asking_for_a_range_of_it(pat, tmp_path, monkeypatch):
    path = tmp_path / "empty"
    path.touch()
    key = f"exports/{uuid4()}/{uuid4().hex}-parcels.ndjson"
    kept = Kept(alias="kept", key=key, bytes=0, sha256=hashlib.sha256().hexdigest())
    place = vault("kept")
    place.keep(path, kept)
    if isinstance(place, S3Vault):
        monkeypatch.setattr(place.client, "get_object", lambda **asked: pytest.fail(str(asked)))
    assert b"".join(place.read(kept, 0, 0)) == b""
    place.remove(kept)
    with pytest.raises(errors.FileGone):
        place.read(kept, 0, 0)


def test_a_deleted_export_leaves_nothing_and_removing_twice_is_fine(done, pat, remote):
    control.delete_now(done, by=pat)
    assert sweep()["removed"] == 1
    assert remote() == []
    vault("kept").remove(kept_of(done))


def test_an_export_made_before_the_storage_changed_is_still_given_out(done, pat, settings):
    """FAULTS 51: its row names the storage it lies in."""
    settings.WAYBILL = {**settings.WAYBILL, "storage": ""}
    data = b"".join(download(done, by=pat, asked=Asked()).chunks)
    assert hashlib.sha256(data).hexdigest() == done.file.sha256


def test_an_object_without_a_row_is_an_orphan_of_this_installation_alone(done, remote, settings):
    """FAULTS 50, 109."""
    ExportJob.objects.update(status="failed", error_code="x", file=None)
    ExportFile.objects.all().delete()
    settings.WAYBILL = {**settings.WAYBILL, "orphan_seconds": -60, "orphan_check_seconds": 0}
    ours = settings.WAYBILL
    settings.WAYBILL = {**ours, "audit_key": "another installation"}
    assert sweep()["orphans"] == 0
    assert len(remote()) == 1
    settings.WAYBILL = ours
    assert sweep()["orphans"] == 1
    assert remote() == []


def test_a_download_can_be_sent_to_a_signed_address(done, pat, settings):
    """FAULTS 79."""
    settings.WAYBILL = {**settings.WAYBILL, "redirect_seconds": 60}
    given = download(done, by=pat, asked=Asked())
    assert given.status == 302
    with urlopen(given.headers["Location"]) as answer:
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
        assert hashlib.sha256(answer.read()).hexdigest() == done.file.sha256
