"""The command and the API call that the dialog shows ask for the very same export."""

import json
import re
import shlex
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from desk.people.models import User
from waybill import errors
from waybill.api import exporting
from waybill.api.schemas import ExportBody
from waybill.management.commands import waybill_export
from waybill.staff import ask
from waybill.values import ExportRequest, Options

pytestmark = pytest.mark.django_db(transaction=True)

REQUESTS = {
    "plain": ExportRequest(resource="tickets", columns=("id",)),
    "machines": ExportRequest(resource="tickets", columns=("id",), options=Options(raw=True)),
    "packed": ExportRequest(
        resource="tickets",
        columns=("id",),
        options=Options(delimiter="\t", bom=False, guard=False, compression="gzip"),
    ),
    "much": ExportRequest(
        resource="tickets",
        format="excel",
        columns=("subject", "id"),
        labels={"subject": "What = it's about", "id": "-"},
        filters={"is_open": "true", "tag": ["a,b", "c=d"], "created_from": "last 7 days"},
        search="-printer 'jams'",
        sort=("-created_at", "id"),
        options=Options(delimiter=";", zone="Asia/Tokyo", children=True),
    ),
}


def _said(person: User, asked: ExportRequest) -> tuple[str, list[str]]:
    """Give the answer of the estimate to a form, and what it spells."""
    client = Client()
    client.force_login(person)
    form = {name: [str(one) for one in values] for name, values in ask.form_of(asked).lists()}
    page = client.post(reverse("waybill:estimate", args=["tickets"]), form).content.decode()
    return page, [unescape(one) for one in re.findall(r"<pre[^>]*>(.*?)</pre>", page, re.DOTALL)]


@pytest.mark.parametrize("kind", REQUESTS)
def test_the_command_read_back_is_the_same_export_with_the_same_rights(
    kind: str, ada: User
) -> None:
    command = _said(ada, REQUESTS[kind])[1][0]
    program, name, *words = shlex.split(command)
    given = vars(waybill_export.Command().create_parser(program, name).parse_args(words))
    assert (program, name) == ("desk", "export")

    assert waybill_export.requested(given) == REQUESTS[kind]
    assert waybill_export.someone(given["person"]) == ada


@pytest.mark.parametrize("kind", REQUESTS)
def test_the_call_read_back_is_the_same_export(kind: str, ada: User) -> None:
    words = shlex.split(_said(ada, REQUESTS[kind])[1][1])
    address, body = words[3], json.loads(words[words.index("-d") + 1])

    assert address == "http://testserver/api/v1/tickets/export"
    assert exporting.requested("tickets", ExportBody(**body)) == REQUESTS[kind]


@pytest.mark.parametrize(
    ("kind", "ending"), [("plain", "csv"), ("packed", "csv.gz"), ("much", "xlsx")]
)
def test_the_command_names_a_file_of_the_right_kind(kind: str, ending: str, ada: User) -> None:
    assert shlex.split(_said(ada, REQUESTS[kind])[1][0])[-1] == f"tickets.{ending}"


def test_selected_rows_are_spelled_no_way_and_the_page_says_why(ada: User) -> None:
    asked = ExportRequest(resource="tickets", columns=("id",), selected=("4", "9"))

    page, spelled = _said(ada, asked)

    assert spelled == []
    assert "Selected rows can be exported on this page alone" in page


def test_a_host_that_names_no_command_has_the_engines_own(ada: User, settings: Any) -> None:
    words = {name: value for name, value in settings.WAYBILL.items() if name != "command"}
    settings.WAYBILL = words

    command = _said(ada, REQUESTS["plain"])[1][0]

    assert command.startswith("manage.py waybill_export tickets ")


def test_whoever_may_not_fetch_is_shown_no_command_that_would_refuse_them(ben: User) -> None:
    page, spelled = _said(ben, REQUESTS["plain"])

    assert [line.partition(" ")[0] for line in spelled] == ["curl"]
    assert "only for those who may also fetch the file" in page


def test_a_heading_of_the_command_that_names_no_column_is_refused() -> None:
    with pytest.raises(errors.BadOption) as caught:
        waybill_export.labels(["Matter"])

    assert "--label" in str(caught.value)
    assert "KEY=HEADING" in str(caught.value)
