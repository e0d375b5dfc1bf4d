"""The same call under the same key is one export, whatever changed around it (J7)."""

import json

import pytest

from desk.people.groups import save_role
from desk.tickets.models import Ticket
from desk.views.models import SavedView
from waybill import exports
from waybill.jobs.request import Wish
from waybill.models import ExportJob

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]

TICKETS = "/api/v1/tickets/export"
KEY = {"Idempotency-Key": "k"}


@pytest.fixture
def view(ada):
    return SavedView.objects.create(subject="tickets", name="Ours", owner=ada)


@pytest.fixture
def caller(calling, ada, view):
    Ticket.objects.create(ticket_code="TCK-1", subject="Ticket")
    return calling(ada)


def post(client, body):
    answer = client.post(TICKETS, json.dumps(body), content_type="application/json", headers=KEY)
    if answer.streaming:
        b"".join(answer)
    return answer


def edit_the_view(view, ada, exporters):
    SavedView.objects.filter(pk=view.pk).update(search="printer", columns=["id"], sort="-id")


def change_the_zone(view, ada, exporters):
    ada.time_zone = "Asia/Tokyo"
    ada.save()


def gain_a_column(view, ada, exporters):
    rights = ["import_export_tickets", "see_contacts"]
    save_role(exporters, name="Exporters", rights=rights, by=None)


CHANGES = [edit_the_view, change_the_zone, gain_a_column]


@pytest.mark.parametrize("change", CHANGES)
def test_a_call_sent_again_is_the_same_export_after_a_change(change, caller, view, ada, exporters):
    body = {"view": "Ours", "async": True}
    first = post(caller, body)
    change(view, ada, exporters)
    again = post(caller, body)
    assert (again.status_code, again.json().get("code")) == (202, None)
    assert again.json()["export_id"] == first.json()["export_id"]
    assert post(caller, {"async": True}).json()["code"] == "key_reused"


def test_a_file_sent_at_once_is_named_after_a_change_too(caller, view, ada, exporters):
    first = post(caller, {"view": "Ours"})
    edit_the_view(view, ada, exporters)
    again = post(caller, {"view": "Ours"})
    assert (again.status_code, again.json()["value"]) == (409, first["X-Export-Id"])


def test_python_too_asks_for_the_same_after_a_change(ada, caller, view, exporters):
    wish = Wish(key="p")
    first = exports.start("tickets", by=ada, wish=wish, view="Ours")
    edit_the_view(view, ada, exporters)
    assert exports.start("tickets", by=ada, wish=wish, view="Ours").pk == first.pk


def test_a_direct_export_that_failed_can_be_asked_for_again_under_its_key(caller, settings):
    usual = settings.WAYBILL
    settings.WAYBILL = {**usual, "spool_limit_bytes": 1}
    assert post(caller, {}).status_code == 507
    assert post(caller, {"format": "json"}).json()["code"] == "key_reused"
    settings.WAYBILL = usual
    made = post(caller, {})
    assert made.status_code == 200
    again = post(caller, {})
    assert (again.status_code, again.json()["value"]) == (409, made["X-Export-Id"])
    failed = ExportJob.objects.get(status="failed")
    assert failed.idempotency_key is None


def test_a_background_export_that_failed_is_the_one_of_its_key(caller):
    first = post(caller, {"async": True}).json()
    ExportJob.objects.update(status="failed", error_code="unexpected")
    assert post(caller, {"async": True}).json()["export_id"] == first["export_id"]
