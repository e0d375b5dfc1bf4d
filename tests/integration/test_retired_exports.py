"""Exports whose class is declared no more: they stay in the history, and break no page."""

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from waybill import exports, registry
from waybill.shortid import to_short
from waybill.work.run import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]


@pytest.fixture
def retired(ada, parcels, monkeypatch):
    """A completed export of Ada's, of a class that a later version of the host dropped."""
    job = exports.start("parcels", by=ada)
    run(str(job.pk))
    monkeypatch.delitem(registry.EXPORTS, "parcels")
    job.refresh_from_db()
    assert job.status == "completed"
    return job


def client_of(person):
    client = Client()
    client.force_login(person)
    return client


def test_its_requester_still_sees_what_it_was(ada, retired):
    client = client_of(ada)
    name = to_short(retired.pk)
    assert name in client.get(reverse("waybill:history")).content.decode()
    for route in ("status", "panel", "receipt", "log"):
        assert client.get(reverse(f"waybill:{route}", args=[name])).status_code in {200, 286}
    assert client.get(reverse("waybill:download", args=[name])).status_code == 403
    assert client.get("/staff/tickets/").status_code == 200


def test_nobody_can_start_it_again(ada, retired):
    answer = client_of(ada).post(reverse("waybill:again", args=[to_short(retired.pk)]))
    assert answer.status_code in {400, 403, 404}


def test_the_api_lists_it(ada, retired):
    client = client_of(ada)
    ours = {"Sec-Fetch-Site": "same-origin"}
    (listed,) = client.get("/api/v1/exports", headers=ours).json()["data"]
    assert listed["resource_type"] == "parcels"
    assert listed["download_url"] is None
    address = f"/api/v1/exports/{to_short(retired.pk)}"
    assert client.get(address, headers=ours).status_code == 200


def test_a_stranger_does_not_learn_of_it(retired):
    other = get_user_model().objects.create_user("odd", display_name="Odd")
    answer = client_of(other).get(reverse("waybill:status", args=[to_short(retired.pk)]))
    assert answer.status_code == 404
