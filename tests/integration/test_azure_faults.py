"""An Azure Blob store that fails at every step: nothing half is kept, nothing whole is lost."""

import hashlib
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.files.storage import storages

from tests.factories.faultproxy import Fault, faulty
from tests.factories.jobs import requested
from tests.factories.quickazure import BLOCK
from tests.plugins.stores import AZURE_NAME, Container
from tests.sample.models import Parcel
from waybill import errors
from waybill.jobs import control, queries
from waybill.models import ExportFile
from waybill.store.vault import vault
from waybill.values import Kept
from waybill.work.download import Asked, download
from waybill.work.run import run
from waybill.work.sweep import sweep

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
    # django-storages asks the clock so when it signs for Azure.
    pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow:DeprecationWarning"),
]

SIZE = 2 * BLOCK + 1_000
BLOCKS, END = "comp=block&", "comp=blocklist"


@pytest.fixture
def proxy(azure_server):
    with faulty(azure_server.removesuffix(f"/{AZURE_NAME}")) as running:
        yield running


@pytest.fixture
def box(azure_server, proxy, settings):
    """Keep exports in a container behind the proxy."""
    made = Container.made(azure_server)
    behind = Container(f"{proxy.address}/{AZURE_NAME}", made.name).storage
    quick = behind | {"BACKEND": "tests.factories.quickazure.QuickStorage"}
    settings.STORAGES = {**settings.STORAGES, "kept": quick}
    settings.WAYBILL = {**settings.WAYBILL, "storage": "kept"}
    yield made
    storages["kept"].client.close()


@pytest.fixture
def large(tmp_path):
    """Write a file of three blocks, and name it as a kept one."""
    path = tmp_path / "large"
    data = (b"0123456789abcdef" * (SIZE // 16 + 1))[:SIZE]
    path.write_bytes(data)
    key = f"exports/{uuid4()}/{uuid4().hex}-parcels.csv"
    return path, Kept(alias="kept", key=key, bytes=SIZE, sha256=hashlib.sha256(data).hexdigest())


@pytest.fixture
def pat():
    Parcel.objects.bulk_create(Parcel(code=f"P-{number}") for number in range(500))
    return get_user_model().objects.create_user("pat", display_name="Pat")


def stored_hash(kept):
    return hashlib.sha256(b"".join(vault("kept").read(kept, 0, kept.bytes))).hexdigest()


@pytest.mark.parametrize(
    "fault",
    [
        Fault("PUT", BLOCKS, status=500),
        Fault("PUT", BLOCKS, status=503),
        Fault("PUT", BLOCKS, cut=True),
        Fault("PUT", BLOCKS, lose=True),
        Fault("PUT", BLOCKS, seconds=3),
        Fault("PUT", END, status=503),
        Fault("PUT", END, cut=True),
        Fault("PUT", END, lose=True),
    ],
    ids=str,
)
def test_a_fault_that_passes_costs_no_file(fault, box, proxy, large):
    """FAULTS 41: on a block, on the end."""
    path, kept = large
    proxy.faults = [fault]
    vault("kept").keep(path, kept)
    assert fault.times == 0
    assert stored_hash(kept) == kept.sha256


@pytest.mark.parametrize(
    "fault", [{"status": 500}, {"status": 503}, {"status": 403}, {"cut": True}]
)
@pytest.mark.parametrize("text", [BLOCKS, END])
def test_a_fault_that_stays_leaves_no_blob(fault, text, box, proxy, large):
    """FAULTS 40, 41: blocks without an end never show."""
    path, kept = large
    proxy.faults = [Fault("PUT", text, times=99, **fault)]
    with pytest.raises(errors.StorageDown):
        vault("kept").keep(path, kept)
    assert box.keys() == []
    assert path.exists()
    vault("kept").remove(kept)


def test_an_upload_whose_end_is_never_heard_of_is_found_whole(box, proxy, large):
    """FAULTS 41: all was stored each time, and no answer came; what is stored decides."""
    path, kept = large
    proxy.faults = [Fault("PUT", END, times=99, lose=True)]
    vault("kept").keep(path, kept)
    assert stored_hash(kept) == kept.sha256


def test_a_container_that_is_not_there_is_a_storage_that_is_down(box, large):
    """FAULTS 41."""
    with box.client() as client:
        client.delete_container()
    with pytest.raises(errors.StorageDown):
        vault("kept").keep(*large)


def test_a_job_meets_a_storage_that_is_down_and_comes_through(box, proxy, pat):
    """FAULTS 41: tried again as another attempt, with one blob at the end."""
    proxy.faults = [Fault("PUT", status=503, times=99)]
    job = requested(pat)
    run(str(job.pk))
    assert queries.get(job.pk).error_code == "storage_down"
    proxy.faults = []
    assert run(str(job.pk)).status == "completed"
    assert len(box.keys()) == 1


@pytest.mark.parametrize("done_to", ["deleted", "truncated", "replaced"])
def test_what_happens_to_a_blob_behind_our_back_never_makes_a_valid_file(done_to, box, pat):
    """FAULTS 43."""
    job = requested(pat)
    run(str(job.pk))
    done = queries.get(job.pk)
    with box.client() as client:
        blob = client.get_blob_client(f"desk/{done.file.key}")
        data = blob.download_blob().readall()
        if done_to == "deleted":
            blob.delete_blob()
        else:
            other = data[:-9] if done_to == "truncated" else data.replace(b"P-", b"Q-")
            blob.upload_blob(other, overwrite=True)
    with pytest.raises((errors.FileGone, errors.FileDamaged)):
        b"".join(download(done, by=pat, asked=Asked()).chunks)
    assert queries.log_of(done).last().event == "integrity_error"


def test_a_blob_that_cannot_be_deleted_is_tried_again(box, proxy, pat):
    """FAULTS 44: the row says so until nothing is there."""
    job = requested(pat)
    run(str(job.pk))
    control.delete_now(queries.get(job.pk), by=pat)
    proxy.faults = [Fault("DELETE", status=403, times=1)]
    assert sweep()["removed"] == 0
    assert ExportFile.objects.get().deleted_at is None
    assert sweep()["removed"] == 1
    assert box.keys() == []
