"""A whole Desk with its queue in a broker and its files in an object store (J9, O4)."""

import hashlib

import pytest

from tests.factories.callers import Caller
from tests.plugins.desk_up import wait_for
from tests.plugins.stores import Bucket, Container
from waybill.shortid import from_short

pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def place(broker, request):
    """Name a store for each broker, so that both kinds of each meet a whole Desk once."""
    kind, server = (Bucket, "s3") if broker.kind == "rabbitmq" else (Container, "azure")
    return kind.made(request.getfixturevalue(f"{server}_server"))


def test_desk_up_runs_exports_through_a_broker_into_an_object_store(start_desk, broker, place):
    variables = {"QUEUE_URL": broker.url, "QUEUE_NAME": broker.queue, "STORAGE_URL": place.url}
    desk = start_desk("--workers", "2", prepared=True, **variables)
    desk.wait_until_ready()
    assert len(desk.children("celery")) == 2
    assert desk.children("db_worker") == []

    job, data = Caller(desk, variables).export()

    assert hashlib.sha256(data).hexdigest() == job["sha256"]
    (key,) = place.keys()
    assert key.startswith(f"desk/exports/{from_short(job['export_id'])}/")
    assert not list((desk.folder / "waybill").rglob("*.csv"))
    assert desk.end() == 0


def test_desk_up_keeps_files_in_a_folder_of_ones_own(start_desk, desk_folder):
    folder = desk_folder.parent / "kept"
    variables = {"STORAGE_URL": folder.as_uri()}
    desk = start_desk("--workers", "1", prepared=True, **variables)
    desk.wait_until_ready()

    job, data = Caller(desk, variables).export()

    (file,) = (path for path in folder.rglob("*") if path.is_file())
    assert file.read_bytes() == data
    assert file.parent == folder / "exports" / str(from_short(job["export_id"]))


def test_an_address_of_no_broker_is_said_in_one_line(start_desk):
    desk = start_desk(QUEUE_URL="kafka://127.0.0.1")
    assert desk.process.wait(240) == 1
    wait_for(lambda: desk.lines)
    (line,) = desk.lines
    assert "QUEUE_URL does not begin with one of amqp://" in line
