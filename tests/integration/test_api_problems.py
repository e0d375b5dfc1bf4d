"""Every refusal of the API is a problem with a code, also where no operation was reached."""

import json

import pytest
from django.test import Client

from desk.tickets.models import Ticket
from waybill.models import ExportJob, ExportLog
from waybill.work.run import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]

ROOT = "/api/v1"


@pytest.fixture
def caller(calling, ada):
    Ticket.objects.create(ticket_code="TCK-1", subject="Ticket")
    return calling(ada)


@pytest.fixture
def export_id(caller):
    body = json.dumps({"async": True})
    said = caller.post(f"{ROOT}/tickets/export", body, content_type="application/json").json()
    run(str(ExportJob.objects.get().pk))
    return said["export_id"]


def problem(answer):
    """Give the status and the code of a problem."""
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == answer.status_code
    assert set(body) >= {"type", "title", "code", "detail"}
    assert body["title"] != "Error"
    return body["status"], body["code"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("get", "/tickets/export", {"POST"}),
        ("put", "/exports", {"GET", "HEAD"}),
        ("patch", "/exports/{id}", {"GET", "HEAD", "DELETE"}),
        ("get", "/exports/{id}/cancel", {"POST"}),
        ("post", "/exports/{id}/download", {"GET", "HEAD"}),
    ],
)
def test_a_method_that_an_address_has_not_is_a_problem(method, path, allowed, caller, export_id):
    answer = getattr(caller, method)(ROOT + path.format(id=export_id))
    assert problem(answer) == (405, "method_not_allowed")
    assert set(answer["Allow"].split(", ")) == allowed
    assert set(answer.json()["accepted"]) == allowed


@pytest.mark.parametrize(
    "path", ["/", "/nothing", "/exports/", "/exports/x/y/z", "/tickets/export/"]
)
def test_an_address_without_anything_is_a_problem(path, caller):
    assert problem(caller.get(ROOT + path)) == (404, "not_found")
    assert problem(Client().post(ROOT + path)) == (404, "not_found")


def test_a_range_that_is_not_met_is_a_problem_that_tells_the_length(caller, export_id):
    address = f"{ROOT}/exports/{export_id}/download"
    size = caller.get(f"{ROOT}/exports/{export_id}").json()["file_size"]
    answer = caller.get(address, headers={"Range": "bytes=999999999-"})
    assert problem(answer) == (416, "range_not_satisfiable")
    assert answer["Content-Range"] == f"bytes */{size}"
    assert "Content-Disposition" not in answer.headers
    assert answer.json()["field"] == "Range"


@pytest.mark.parametrize("path", ["/exports", "/exports/{id}", "/exports/{id}/logs", "/keys"])
def test_whatever_is_read_can_be_asked_for_its_headers(path, caller, export_id):
    answer = caller.head(ROOT + path.format(id=export_id))
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer["Content-Type"].startswith("application/json")


def test_the_headers_of_a_file_are_no_download(caller, export_id):
    address = f"{ROOT}/exports/{export_id}/download"
    asked = caller.head(address)
    lines = ExportLog.objects.filter(event__startswith="download").count()
    fetched = caller.get(address)
    assert lines == 0
    assert (asked.status_code, b"".join(asked)) == (200, b"")
    assert asked["ETag"] == fetched["ETag"]
    assert asked["Content-Length"] == str(len(b"".join(fetched)))
    assert caller.get(f"{ROOT}/exports/{export_id}").json()["downloads"] == 1
    assert Client().head(address).status_code == 401


def test_the_document_tells_each_operation_once(caller):
    paths = caller.get(f"{ROOT}/openapi.json").json()["paths"]
    told = [one["operationId"] for methods in paths.values() for one in methods.values()]
    assert len(told) == len(set(told))
    assert not [path for path, methods in paths.items() if "head" in methods]
