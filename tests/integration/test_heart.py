"""An attempt whose heart fails, hangs or hears of a cancel (J7, FAULTS 9, 18)."""

import threading

import pytest
from django.db import OperationalError

from tests.factories.faults import HOOK, fault
from tests.factories.jobs import requested
from tests.factories.workers import until
from tests.sample.models import Wagon
from waybill import conf
from waybill.jobs import lease, queries
from waybill.values import ExportRequest
from waybill.work.run import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]


@pytest.fixture
def job():
    """Request an export of many chunks."""
    Wagon.objects.bulk_create(Wagon(id=number, word="x" * 50) for number in range(30_000))
    return requested(None, request=ExportRequest(resource="wagons"))


@pytest.fixture
def quick(quiet_doorbell, fresh_folder, settings, monkeypatch, tmp_path):
    """Let leases and beats be short, and rows come slowly."""
    settings.TESTING = True
    settings.WAYBILL = {
        **settings.WAYBILL,
        "fault_hook": HOOK,
        "lease_seconds": 0.4,
        "beat_seconds": 0.05,
    }
    monkeypatch.setenv(
        "WAYBILL_FAULT", fault("pace", "rows", tmp_path)["variables"]["WAYBILL_FAULT"]
    )


def nothing_published(job):
    folders = [conf.settings().spool, conf.settings().files]
    left = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return left == [] and not queries.get(job.pk).file_id


@pytest.mark.usefixtures("quick")
def test_a_worker_whose_beats_fail_for_a_lease_fences_itself(job, monkeypatch):
    """FAULTS 9: the heart's connection fails for longer than the lease."""

    def down(held, progress):
        raise OperationalError

    monkeypatch.setattr(lease, "renew", down)
    assert run(str(job.pk)).error == "fenced"
    assert nothing_published(job)
    assert lease.rescue(job.pk)


@pytest.mark.usefixtures("quick")
def test_a_worker_whose_beat_hangs_for_a_lease_fences_itself(job, monkeypatch):
    """FAULTS 9: a connection that neither answers nor breaks."""
    over = threading.Event()
    monkeypatch.setattr(lease, "renew", lambda held, progress: over.wait(60))
    assert run(str(job.pk)).error == "fenced"
    over.set()
    until(lambda: "waybill-heart" not in {thread.name for thread in threading.enumerate()})
    assert nothing_published(job)


@pytest.mark.usefixtures("quick")
def test_a_heart_that_dies_stops_its_attempt(job, monkeypatch):
    """FAULTS 9: the heart's thread ends by an error nobody foresaw."""

    def broken(held, progress):
        raise KeyError

    monkeypatch.setattr(lease, "renew", broken)
    monkeypatch.setattr(threading, "excepthook", lambda told: None)
    assert run(str(job.pk)).error == "fenced"
    assert nothing_published(job)
