"""One mail per event, though workers are killed around it (N1; G20; FAULTS 1, 105)."""

import pytest

from tests.factories.faults import fault
from tests.factories.workers import sweeping, until, workers
from waybill.jobs import audit, queries
from waybill.models import Notice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]

QUICK = {"notice_lease_seconds": 1, "notice_gap_seconds": 0.2}
MAILS = {"committed": 1, "notice_claimed": 1, "notice_accepted": 2, "notice_noted": 1}


@pytest.fixture
def mailed(postoffice, monkeypatch, parcels, start):
    """A queued export of somebody with an address, and workers that know the mail server."""
    monkeypatch.setenv("MAIL_URL", f"smtp://127.0.0.1:{postoffice.port}")
    job = start()
    person = job.requester
    person.email = "pat@desk.example"
    person.save()
    return job


def told():
    return Notice.objects.filter(outcome="sent").first()


@pytest.mark.parametrize("point", MAILS)
def test_a_worker_killed_around_the_mail_sends_one_or_the_same_one_twice(
    point, mailed, postoffice, tmp_path
):
    with workers(1, **QUICK, **fault("SIGKILL", point, tmp_path)) as (one,):
        until(lambda: not one.running)
    with sweeping(**QUICK):
        until(told)
    assert len(postoffice.identities) == MAILS[point]
    assert len(set(postoffice.identities)) == 1
    assert queries.get(mailed.pk).status == "completed"
    assert [line.event for line in queries.log_of(mailed)].count("notified") == 1
    assert list(audit.verify()) == []


def test_a_server_that_is_down_at_the_end_of_the_export_gets_its_mail_later(
    mailed, postoffice, monkeypatch
):
    """G20: the export is completed at once; one mail follows when the server is back."""
    monkeypatch.setenv("MAIL_URL", "smtp://127.0.0.1:1")
    with workers(1, **QUICK):
        until(lambda: Notice.objects.filter(tries__gt=0).exists())
    assert queries.get(mailed.pk).status == "completed"
    assert postoffice.mails == []
    monkeypatch.setenv("MAIL_URL", f"smtp://127.0.0.1:{postoffice.port}")
    with sweeping(**QUICK):
        until(told)
    assert len(postoffice.mails) == 1
