"""Kept files in S3 and Azure Blob, on server programs on this machine (FAULTS 40 to 44, 51)."""

import hashlib
import os
import socket
import subprocess
import time
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.files.storage import storages

from tests.factories.jobs import requested
from tests.plugins.required import require
from tests.sample.models import Parcel
from waybill import conf, errors
from waybill.jobs import control, queries
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

# The well-known key of the emulator: it opens nothing but a server on this machine.
AZURE_NAME = "devstoreaccount1"
AZURE_KEY = (
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def s3_server():
    moto = pytest.importorskip("moto.server")
    server = moto.ThreadedMotoServer(ip_address="127.0.0.1", port=free_port(), verbose=False)
    server.start()
    yield f"http://127.0.0.1:{server._server.server_port}"
    server.stop()


@pytest.fixture(scope="session")
def azure_server():
    program = require(program=os.environ.get("WAYBILL_TEST_AZURITE", "azurite-blob"))
    port = free_port()
    switches = "--silent --inMemoryPersistence --skipApiVersionCheck --disableTelemetry"
    server = subprocess.Popen(
        [program, "--blobPort", str(port), *switches.split()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(port)
    yield f"http://127.0.0.1:{port}/{AZURE_NAME}"
    server.kill()
    server.wait()


def wait_for(port):
    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError("azurite does not answer")


def s3_options(address):
    return {
        "bucket_name": f"exports-{uuid4().hex[:12]}",
        "endpoint_url": address,
        "access_key": "test",
        "secret_key": "test",
        "region_name": "us-east-1",
        "location": "desk",
    }


def azure_options(address):
    said = f"DefaultEndpointsProtocol=http;AccountName={AZURE_NAME};AccountKey={AZURE_KEY}"
    return {
        "connection_string": f"{said};BlobEndpoint={address};",
        "azure_container": f"exports-{uuid4().hex[:12]}",
        "location": "desk",
    }


@pytest.fixture(params=["s3", "azure"])
def remote(request, settings):
    """Keep exports in a bucket of the test's own, and give a function that lists its keys."""
    if request.param == "s3":
        backend, options = "s3.S3Storage", s3_options(request.getfixturevalue("s3_server"))
    else:
        address = request.getfixturevalue("azure_server")
        backend, options = "azure_storage.AzureStorage", azure_options(address)
    kept = {"BACKEND": f"storages.backends.{backend}", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "kept": kept}
    settings.WAYBILL = {**settings.WAYBILL, "storage": "kept"}
    storage = storages["kept"]
    if request.param == "s3":
        client = storage.connection.meta.client
        client.create_bucket(Bucket=storage.bucket_name)
        yield lambda: [
            one["Key"]
            for one in client.list_objects_v2(Bucket=storage.bucket_name).get("Contents", ())
        ]
        client.close()
    else:
        storage.client.create_container()
        yield lambda: [one.name for one in storage.client.list_blobs()]
        storage.client.close()


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


def test_a_deleted_export_leaves_nothing_and_removing_twice_is_fine(done, pat, remote):
    control.delete_now(done, by=pat)
    assert sweep()["removed"] == 1
    assert remote() == []
    vault("kept").remove(kept_of(done))


def test_an_export_made_before_the_storage_changed_is_still_given_out(done, pat, settings):
    settings.WAYBILL = {**settings.WAYBILL, "storage": ""}
    data = b"".join(download(done, by=pat, asked=Asked()).chunks)
    assert hashlib.sha256(data).hexdigest() == done.file.sha256


def test_a_storage_that_is_down_is_tried_again_and_leaves_no_file(pat, settings, remote):
    options = {
        **settings.STORAGES["kept"]["OPTIONS"],
        "endpoint_url": f"http://127.0.0.1:{free_port()}",
    }
    if "bucket_name" not in options:
        pytest.skip("the client of Azure waits for minutes before it gives up")
    down = {"BACKEND": settings.STORAGES["kept"]["BACKEND"], "OPTIONS": options}
    working = settings.STORAGES
    settings.STORAGES = {**working, "kept": down}
    job = requested(pat)
    run(str(job.pk))
    waiting = queries.get(job.pk)
    assert (waiting.status, waiting.error_code) == ("pending", "storage_down")
    settings.STORAGES = working
    assert run(str(job.pk)).status == "completed"
    assert len(remote()) == 1
    assert not any(conf.settings().spool.iterdir())


def test_uploads_that_a_killed_worker_began_are_aborted(done, pat):
    place = vault("kept")
    if not hasattr(place, "bucket"):
        pytest.skip("Azure drops blocks without a blob by itself")
    key = f"desk/{done.file.key}"
    place.client.create_multipart_upload(Bucket=place.bucket, Key=key)
    place.remove(kept_of(done))
    assert not place.client.list_multipart_uploads(Bucket=place.bucket).get("Uploads")
