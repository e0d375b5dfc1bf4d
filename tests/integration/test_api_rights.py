"""Who gets what by the API, and what becomes of it when they change (G13 to G15)."""

import json
import re
from uuid import UUID, uuid4

import pytest
from django.test import Client

from desk.people import tokens
from desk.people.groups import save_role
from desk.people.models import User
from desk.tickets.models import Contact, Ticket
from desk.views.models import SavedView
from waybill.api.app import api
from waybill.jobs import control, queries
from waybill.models import ExportFile, ExportJob, ExportLog
from waybill.shortid import to_short
from waybill.work.run import run
from waybill.work.sweep import sweep

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]

TICKETS, EXPORTS = "/api/v1/tickets/export", "/api/v1/exports"
FORMATS = ("csv", "excel", "json", "ndjson")
ON_AN_EXPORT = (
    ("get", "status"), ("get", "logs"), ("get", "receipt"), ("get", "download"),
    ("post", "retry"), ("post", "cancel"), ("delete", "status"),
)  # fmt: skip


@pytest.fixture
def tickets(db):
    contact = Contact.objects.create(name="Kim", email="kim@contact.example", phone="+49 30 1")
    Ticket.objects.bulk_create(
        Ticket(ticket_code=f"TCK-{number}", subject=f"Secret {number}", contact=contact)
        for number in range(1, 31)
    )


@pytest.fixture
def done(calling, ada, tickets):
    """A finished export of Ada's."""
    post(calling(ada), {"async": True, "email_notification": False})
    job = ExportJob.objects.get()
    run(str(job.pk))
    return queries.get(job.pk)


def post(client, body=None, at=TICKETS):
    return client.post(at, json.dumps(body or {}), content_type="application/json")


def address(job_or_name, tail="status"):
    name = job_or_name if isinstance(job_or_name, str) else to_short(job_or_name.pk)
    return f"{EXPORTS}/{name}" + ("" if tail == "status" else f"/{tail}")


def without_the_name(answer):
    return {k: v for k, v in answer.json().items() if k != "value"}


def test_every_operation_on_an_export_is_asked_for_foreign_ones():
    found = {
        (method, match[1] or "status")
        for path, operations in api.get_openapi_schema()["paths"].items()
        if (match := re.fullmatch(r".*/exports/{export_id}(?:/(\w+))?", path))
        for method in operations
    }
    assert found == set(ON_AN_EXPORT)


def test_a_foreign_export_is_told_like_one_that_is_not_there(done, calling, cleo, dan):
    """FAULTS 69: the same answer to the last letter, by every operation."""
    for person in (cleo, dan):
        caller = calling(person)
        for method, tail in ON_AN_EXPORT:
            foreign = getattr(caller, method)(address(done, tail))
            missing = getattr(caller, method)(address(uuid4().hex, tail))
            assert foreign.status_code == missing.status_code == 404, tail
            assert without_the_name(foreign) == without_the_name(missing)
            assert dict(foreign.headers) | {"Content-Length": ""} == (
                dict(missing.headers) | {"Content-Length": ""}
            )
        assert caller.get(EXPORTS).json() == {
            "data": [],
            "pagination": {"total": 0, "limit": 50, "next_cursor": None, "next": None},
        }
        assert caller.get(EXPORTS, {"resource_type": "tickets"}).json()["data"] == []
    assert queries.get(done.pk).status == "completed"


@pytest.mark.parametrize(
    "name",
    [
        "1", "0", "-1", str(10**40), "a" * 21, "a" * 23, "x" * 5_000, "%00" * 22, "A" * 21 + "%00",
        "é" * 22, "%F0%9F%92%A9" * 22, "..%2f..", "null", str(UUID(int=1)), "{" + str(UUID(int=1)),
    ],
)  # fmt: skip
def test_an_id_that_is_none_is_not_found(name, done, calling, ada):
    """FAULTS 70: a number, another version of UUID, NUL, huge, half a path."""
    caller = calling(ada)
    for method, tail in ON_AN_EXPORT:
        assert getattr(caller, method)(address(name, tail)).status_code == 404, tail


def test_an_id_in_another_spelling_is_the_same_export_or_none(done, calling, ada):
    """FAULTS 70: upper case is the same UUID; another last letter of a short id is none."""
    caller = calling(ada)
    assert caller.get(address(str(done.pk).upper())).json()["export_id"] == to_short(done.pk)
    short = to_short(done.pk)
    twins = [short[:-1] + letter for letter in "ABCDEFGHwxyz" if letter != short[-1]]
    assert {caller.get(address(twin)).status_code for twin in twins} == {404}


@pytest.mark.parametrize("name", ["requested_by", "owner_id", "user", "requester_id", "created_by"])
def test_nobody_asks_in_the_name_of_somebody_else(name, calling, ada, dan, tickets):
    """FAULTS 71: no field, no parameter and no header says who asks."""
    caller = calling(ada)
    refused = post(caller, {name: dan.pk})
    assert (refused.status_code, refused.json()["field"]) == (400, name)
    assert caller.get(EXPORTS, {name: dan.pk}).status_code == 400
    body, kind = json.dumps({"async": True}), "application/json"
    beside = caller.post(f"{TICKETS}?{name}={dan.pk}", body, content_type=kind)
    assert (beside.status_code, beside.json()["value"]) == (400, name)
    names = {"X-User-Id": str(dan.pk), "X-Remote-User": "dan", "Remote-User": "dan"}
    made = caller.post(TICKETS, body, content_type=kind, headers=names)
    assert made.status_code == 202
    assert set(ExportJob.objects.values_list("requester", flat=True)) == {ada.pk}


@pytest.mark.parametrize("fmt", FORMATS)
@pytest.mark.parametrize("asked", [None, False])
def test_who_may_start_but_not_fetch_gets_no_byte_of_any_format(
    fmt, asked, calling, ben, tickets, settings
):
    caller = calling(ben)
    for rows in (0, 1, 30):
        filters = {"search": f"TCK-{rows}"} if rows < 30 else {}
        settings.WAYBILL = {**settings.WAYBILL, "starts_per_minute": 1_000}
        answer = post(caller, {"format": fmt, "async": asked, **filters})
        assert answer.status_code == 202
        assert b"Secret" not in answer.content
    for job in ExportJob.objects.all():
        run(str(job.pk))
        for headers in ({}, {"Range": "bytes=0-0"}, {"If-None-Match": "*"}):
            refused = caller.get(address(job, "download"), headers=headers)
            assert (refused.status_code, refused.json()["code"]) == (403, "download_not_allowed")
        assert caller.get(address(job)).json()["download_url"] is None
        assert b"Secret" not in caller.get(address(job, "receipt")).content
    assert {job.delivery for job in ExportJob.objects.all()} == {"background"}


def test_a_right_lost_between_the_request_and_the_start_fails_the_job(calling, ada, tickets):
    """FAULTS 72: the first of the moments."""
    post(calling(ada), {"async": True})
    ada.roles.clear()
    job = ExportJob.objects.get()
    run(str(job.pk))
    assert queries.get(job.pk).error_code == "right_lost"
    assert not ExportFile.objects.filter(key__isnull=False).exists()


def test_a_right_lost_after_the_end_refuses_the_next_download(done, calling, ada):
    """FAULTS 72: who began to fetch while it was theirs gets the whole; the next gets nothing."""
    caller = calling(ada)
    begun = caller.get(address(done, "download"))
    ada.roles.clear()
    assert b"Secret 30" in b"".join(begun)
    refused = caller.get(address(done, "download"))
    assert refused.status_code == 403
    assert caller.get(address(done)).json()["download_url"] is None
    assert ExportLog.objects.filter(job=done, event="refused").count() == 1


@pytest.mark.parametrize("how", ["inactive", "token", "role", "deleted"])
def test_whoever_is_stopped_fetches_nothing_any_more(how, done, calling, ada):
    """FAULTS 73: by the account, the token, the role, or altogether."""
    caller = calling(ada)
    if how == "inactive":
        User.objects.filter(pk=ada.pk).update(is_active=False)
    elif how == "token":
        for token in ada.tokens.all():
            tokens.revoke_token(token, by=None)
    elif how == "role":
        ada.roles.get().rights.all().delete()
    else:
        ada.delete()
    refused = caller.get(address(done, "download"))
    assert refused.status_code == (403 if how == "role" else 401)
    assert not refused.streaming


def test_the_files_of_a_deleted_person_are_deleted(done, calling, ada, ben):
    """FAULTS 73: nobody is left to whom they belong; the line in the history stays."""
    kept = done.file.key
    ada.delete()
    sweep()
    job = queries.get(done.pk)
    assert (job.status, job.requester_label) == ("expired", "Ada")
    assert job.file.deleted_at is not None
    assert kept
    assert [line.event for line in queries.log_of(job)][-1] == "expired"


def test_a_view_is_frozen_when_the_export_is_asked_for(calling, ada, ben, tickets):
    """FAULTS 73: edited, made private or deleted later, it changes nothing."""
    view = SavedView.objects.create(
        subject="tickets", name="Three", owner=ben, is_shared=True,
        search="TCK-3", columns=["ticket_code"],
    )  # fmt: skip
    post(calling(ada), {"async": True, "view": "Three"})
    view.search, view.columns, view.is_shared = "", ["subject"], False
    view.save()
    job = ExportJob.objects.get()
    run(str(job.pk))
    fetched = b"".join(calling(ada).get(address(job, "download"))).decode("utf-8-sig")
    assert "TCK-3" in fetched
    assert "Secret" not in fetched
    hidden = post(calling(ada), {"view": "Three"})
    assert (hidden.status_code, hidden.json()["code"]) == (400, "unknown_view")


@pytest.mark.parametrize("name", ["cleo", "dan"])
@pytest.mark.parametrize("body", [{}, {"async": True}, {"dry_run": True}, {"view": "nope"}])
def test_who_reads_tickets_without_the_right_exports_none(name, body, calling, request, tickets):
    """FAULTS 74: to list is not to export."""
    refused = post(calling(request.getfixturevalue(name)), body)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert not ExportJob.objects.exists()


def test_a_shared_view_gives_each_person_their_own_rows(calling, ada, ben, tickets):
    """FAULTS 75: a filter on what others own widens nothing."""
    Ticket.objects.filter(ticket_code="TCK-1").update(created_by=ben)
    SavedView.objects.create(
        subject="tickets", name="Everything", owner=ada, is_shared=True, columns=["ticket_code"]
    )
    post(calling(ben), {"view": "Everything"})
    job = ExportJob.objects.get()
    run(str(job.pk))
    assert queries.get(job.pk).exported_items == 1
    found = post(calling(ben), {"view": "Everything", "dry_run": True}).json()
    assert [row["ticket_code"] for row in found["preview"]] == ["TCK-1"]


@pytest.mark.parametrize(
    "body",
    [
        {"sort": "contact_phone"},
        {"sort": "-contact_email"},
        {"sort": "contact__phone"},
        {"columns": ["contact__phone"]},
        {"columns": ["contact.phone"]},
        {"columns": ["contact_phone as x"]},
        {"labels": {"contact__phone": "Code"}},
        {"filters": {"contact_phone": "+49"}},
        {"search": "", "filters": {"contact": "Kim"}},
    ],
)
def test_a_column_that_is_not_theirs_shows_by_no_other_way(body, calling, ada, tickets):
    """FAULTS 77: not by another name, a label, a sort, a filter."""
    refused = post(calling(ada), body)
    assert refused.status_code == 400
    assert not ExportJob.objects.exists()


@pytest.mark.parametrize("fmt", FORMATS)
def test_a_masked_column_is_masked_in_every_format_and_preview(fmt, calling, ada, tickets):
    """FAULTS 77: also where the label is changed."""
    body = {
        "format": fmt,
        "columns": ["ticket_code", "contact_phone", "contact_email"],
        "labels": {"contact_phone": "Code"},
    }
    sent = b"".join(post(calling(ada), body))
    shown = post(calling(ada), {**body, "dry_run": True}).content
    for hidden in (b"kim@contact", b"+49 30 1"):
        assert hidden not in sent
        assert hidden not in shown


def test_there_is_no_superuser_and_nobody_acts_as_somebody_else(ada, cleo, settings):
    """FAULTS 78: no flag opens everything, and there is no way to put on another's rights."""
    assert not hasattr(ada, "is_superuser")
    assert cleo.is_staff
    assert not cleo.has_perm("import_export_tickets")
    assert not {"su", "impersonate", "hijack"} & set(settings.INSTALLED_APPS)


def test_the_address_of_a_file_opens_nothing_by_itself(done, calling, ada):
    """FAULTS 80: what a mail or a colleague hands on asks for a log-in or a token."""
    url = calling(ada).get(address(done)).json()["download_url"]
    assert "?" not in url
    assert Client().get(url).status_code == 401
    assert Client().head(url).status_code in {401, 405}
    page = f"/staff/exports/{to_short(done.pk)}/download"
    led = Client().get(page)
    assert (led.status_code, led["Location"].split("?")[0]) == (302, "/staff/login/")


def test_every_key_of_a_file_is_random(done, ada, calling):
    """FAULTS 81: 128 bits that no id tells; the check of public buckets is a test of its own."""
    post(calling(ada), {"async": True})
    other = ExportJob.objects.exclude(pk=done.pk).get()
    run(str(other.pk))
    keys = [queries.get(job.pk).file.key for job in (done, other)]
    parts = [re.findall("[0-9a-f]{32}(?=-)", key.split("/")[-1]) for key in keys]
    assert all(parts)
    assert parts[0] != parts[1]


def test_columns_beyond_ones_own_rights_are_fetched_by_nobody(calling, ada, exporters, tickets):

    both = ["import_export_tickets", "see_contacts"]
    save_role(exporters, name="Exporters", rights=both, by=None)
    caller = calling(ada)
    post(caller, {"async": True, "columns": ["contact_phone"]})
    job = ExportJob.objects.get()
    run(str(job.pk))
    assert caller.get(address(job)).json()["download_url"]
    save_role(exporters, name="Exporters", rights=both[:1], by=None)
    assert caller.get(address(job, "download")).status_code == 403
    assert caller.get(address(job)).json()["download_url"] is None


def test_a_retry_asks_for_the_right_again(calling, ada, tickets):
    post(calling(ada), {"async": True})
    job = ExportJob.objects.get()
    control.cancel(job, by=None)
    ada.roles.clear()
    refused = calling(ada).post(address(job, "retry"))
    assert refused.status_code == 403
