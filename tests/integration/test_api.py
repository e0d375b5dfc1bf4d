"""The REST API: the three ways of an export, and following it."""

import csv
import io
import json
import re
from datetime import UTC, datetime

import pytest
from django.test import Client

from desk.tickets.models import Ticket
from waybill.jobs import queries
from waybill.models import ExportJob, ExportLog
from waybill.work.run import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]

TICKETS = "/api/v1/tickets/export"
JOB_FIELDS = {
    "export_id", "resource_type", "format", "status", "stage", "percent", "attempt", "delivery",
    "columns", "filters", "error", "downloads", "email_sent_at", "total_items", "exported_items",
    "failed_items", "success_rate", "message", "created_at", "started_at", "completed_at",
    "expires_at", "file_size", "sha256", "download_url",
}  # fmt: skip


@pytest.fixture
def tickets(db):
    Ticket.objects.bulk_create(
        Ticket(ticket_code=f"TCK-{number}", subject=f"Ticket {number}", is_open=number % 2 == 0)
        for number in range(1, 31)
    )


@pytest.fixture
def as_ada(calling, ada, tickets):
    return calling(ada)


@pytest.fixture
def as_ben(calling, ben, tickets):
    return calling(ben)


def post(client, body=None, at=TICKETS, **headers):
    return client.post(
        at, json.dumps(body or {}), content_type="application/json", headers=headers or None
    )


def rows_of(response):
    text = b"".join(response).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def following(client, response):
    return client.get(f"/api/v1/exports/{response['X-Export-Id']}").json()


def test_a_small_export_comes_at_once_and_is_a_job_with_a_receipt(as_ada):
    response = post(as_ada, {"columns": ["ticket_code", "subject"], "sort": "ticket_code"})
    assert response.status_code == 200
    assert response["X-Row-Count"] == "30"
    assert response["Content-Disposition"].startswith('attachment; filename="tickets_')
    rows = rows_of(response)
    assert len(rows) == 30
    assert list(rows[0].values()) == ["TCK-1", "Ticket 1"]
    job = following(as_ada, response)
    assert set(job) == JOB_FIELDS
    assert (job["status"], job["delivery"], job["percent"]) == ("completed", "direct", 100)
    assert (job["total_items"], job["exported_items"], job["success_rate"]) == (30, 30, 100)
    assert job["download_url"] is None
    receipt = as_ada.get(f"/api/v1/exports/{job['export_id']}/receipt").json()
    assert (receipt["rows"], receipt["sha256"]) == (30, job["sha256"])
    gone = as_ada.get(f"/api/v1/exports/{job['export_id']}/download")
    assert (gone.status_code, gone.json()["code"]) == (410, "not_kept")


def test_a_response_that_is_given_up_fails_its_job_as_a_lost_stream(as_ada):
    response = post(as_ada)
    response.close()
    job = following(as_ada, response)
    assert (job["status"], job["error"]["code"]) == ("failed", "stream_lost")


def test_async_true_makes_a_job_that_can_be_followed_and_fetched(as_ada):
    response = post(as_ada, {"async": True, "filters": {"is_open": True}})
    said = response.json()
    assert response.status_code == 202
    assert set(said) == {
        "export_id", "status", "message", "estimated_wait", "status_url", "logs_url",
    }  # fmt: skip
    assert response["Location"] == said["status_url"]
    assert int(response["Retry-After"]) > 0
    run(str(ExportJob.objects.get().pk))
    job = as_ada.get(said["status_url"]).json()
    assert (job["status"], job["filters"]) == ("completed", {"is_open": True})
    fetched = as_ada.get(job["download_url"])
    assert (fetched.status_code, fetched["ETag"]) == (200, f'"{job["sha256"]}"')
    assert len(rows_of(fetched)) == 15
    assert as_ada.get(said["status_url"]).json()["downloads"] == 1
    log = as_ada.get(said["logs_url"]).json()
    events = [line["event"] for line in log["data"] if line["event"] != "notified"]
    assert events[:2] == ["initiated", "processing"]
    assert events[-3:] == ["completed", "download_started", "downloaded"]
    assert set(log["data"][0]) == {
        "event", "message", "processed_items", "current_batch", "total_batches", "duration_ms",
        "actor", "created_at",
    }  # fmt: skip


def test_more_rows_than_come_at_once_go_to_the_background(as_ada, settings):
    settings.WAYBILL = {**settings.WAYBILL, "direct_rows": 20, "direct_rows_forced": 29}
    assert post(as_ada).status_code == 202
    assert len(rows_of(post(as_ada, {"filters": {"is_open": True}}))) == 15
    refused = post(as_ada, {"async": False})
    assert (refused.status_code, refused.json()["field"]) == (422, "async")


def test_who_may_start_but_not_download_always_gets_a_job_and_never_the_bytes(as_ben, ben):
    for body in ({}, {"async": False}):
        response = post(as_ben, body)
        assert response.status_code == 202
    for job in ExportJob.objects.all():
        run(str(job.pk))
    job = as_ben.get(response.json()["status_url"]).json()
    assert (job["status"], job["download_url"]) == ("completed", None)
    refused = as_ben.get(f"/api/v1/exports/{job['export_id']}/download")
    assert (refused.status_code, refused.json()["code"]) == (403, "download_not_allowed")


def test_without_the_right_nothing_starts_and_the_refusal_is_logged(calling, cleo, tickets):
    refused = post(calling(cleo))
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert not ExportJob.objects.exists()
    of_tickets = ExportLog.objects.filter(resource="tickets")
    assert list(of_tickets.values_list("event", flat=True)) == ["refused"]


def test_a_foreign_export_and_none_at_all_look_the_same(as_ada, calling, dan):
    response = post(as_ada)
    response.close()
    foreign = f"/api/v1/exports/{response['X-Export-Id']}"
    missing = f"/api/v1/exports/{'A' * 22}"
    as_dan = calling(dan)
    for method, tail in (
        ("get", ""), ("get", "/logs"), ("get", "/receipt"), ("get", "/download"),
        ("post", "/retry"), ("post", "/cancel"), ("delete", ""),
    ):  # fmt: skip
        one = getattr(as_dan, method)(foreign + tail)
        other = getattr(as_dan, method)(missing + tail)
        assert one.status_code == other.status_code == 404, tail
        drop = {"value", "detail"}
        assert {k: v for k, v in one.json().items() if k not in drop} == {
            k: v for k, v in other.json().items() if k not in drop
        }


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"columns": ["nope"]}, "columns", "unknown_column"),
        ({"filters": {"nope": 1}}, "filters", "unknown_filter"),
        ({"filters": {"status_id": "many"}}, "status_id", "bad_filter"),
        ({"format": "pdf"}, "format", "unknown_format"),
        ({"sort": "nope"}, "sort", "bad_sort"),
        ({"view": "nope"}, "view", "unknown_view"),
        ({"nope": 1}, "nope", "invalid_request"),
        ({"query": 1}, "query", "invalid_request"),
        ({"columns": "id"}, "columns", "invalid_request"),
        ({"search": "a\0b"}, "search", "bad_text"),
    ],
)
def test_a_bad_request_names_the_field_and_what_would_be_accepted(as_ada, body, field, code):
    refused = post(as_ada, body)
    said = refused.json()
    assert refused["Content-Type"] == "application/problem+json"
    assert (refused.status_code, said["code"]) == (400, code)
    assert field in said["field"]
    assert said["accepted"] or code in {"invalid_request", "unknown_view", "bad_text"}
    assert not ExportJob.objects.exists()


def test_a_filter_in_the_address_would_narrow_nothing_and_is_refused(as_ada):
    refused = post(as_ada, at=f"{TICKETS}?is_open=true").json()
    assert (refused["code"], refused["field"], refused["value"]) == (
        "bad_option",
        "query",
        "is_open",
    )


def test_a_body_that_is_not_json_is_refused(as_ada):
    refused = as_ada.post(TICKETS, "{", content_type="application/json")
    assert (refused.status_code, refused.json()["field"]) == (400, "body")


def test_an_unknown_resource_is_not_found(as_ada):
    assert post(as_ada, at="/api/v1/nothing/export").status_code == 404


def test_a_dry_run_says_what_would_come_and_stores_nothing_but_a_line(as_ada):
    said = post(as_ada, {"dry_run": True, "columns": ["id", "subject"]}).json()
    assert (said["valid"], said["rows"], said["delivery"]) == (True, 30, "direct")
    assert [column["key"] for column in said["columns"]] == ["id", "subject"]
    assert len(said["preview"]) == 10
    assert set(said["preview"][0]) == {"id", "subject"}
    assert said["estimated_bytes"] > 0
    assert not ExportJob.objects.exists()
    of_tickets = ExportLog.objects.filter(resource="tickets")
    assert list(of_tickets.values_list("event", flat=True)) == ["dry_run"]


def test_the_same_key_and_body_is_one_job_and_another_body_is_refused(as_ada):
    key = {"Idempotency-Key": "one"}
    first = post(as_ada, {"async": True}, **key).json()
    again = post(as_ada, {"async": True}, **key).json()
    assert first["export_id"] == again["export_id"]
    other = post(as_ada, {"async": True, "format": "json"}, **key)
    assert (other.status_code, other.json()["code"]) == (422, "key_reused")


def test_a_repeated_direct_export_is_a_conflict_that_names_the_job(as_ada):
    first = post(as_ada, **{"Idempotency-Key": "two"})
    b"".join(first)
    again = post(as_ada, **{"Idempotency-Key": "two"})
    assert again.status_code == 409
    assert again.json()["value"] == first["X-Export-Id"]


@pytest.mark.parametrize("body", [{}, {"async": False}])
def test_a_key_names_the_same_export_when_rows_came_in_between(as_ada, settings, body):
    key = {"Idempotency-Key": "three"}
    first = post(as_ada, body, **key)
    b"".join(first)
    settings.WAYBILL = {**settings.WAYBILL, "direct_rows": 29, "direct_rows_forced": 29}
    again = post(as_ada, body, **key)
    assert (again.status_code, again.json()["code"]) == (409, "already_made")
    assert again.json()["value"] == first["X-Export-Id"]


def test_a_key_names_the_same_export_when_rows_went_in_between(as_ada, settings):
    key = {"Idempotency-Key": "four"}
    settings.WAYBILL = {**settings.WAYBILL, "direct_rows": 29}
    first = post(as_ada, **key)
    settings.WAYBILL = {**settings.WAYBILL, "direct_rows": 30}
    again = post(as_ada, **key)
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json()["export_id"] == again.json()["export_id"]


def test_a_key_with_another_way_asked_for_is_refused(as_ada):
    post(as_ada, {"async": True}, **{"Idempotency-Key": "five"})
    refused = post(as_ada, {"async": False}, **{"Idempotency-Key": "five"})
    assert (refused.status_code, refused.json()["code"]) == (422, "key_reused")


def test_the_sixth_start_in_a_minute_is_told_when_to_come_back(as_ada):
    for _ in range(5):
        b"".join(post(as_ada))
    refused = post(as_ada)
    assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
    assert 0 < int(refused["Retry-After"]) <= 60
    assert post(as_ada, {"dry_run": True}).status_code == 200


def test_lists_go_on_by_cursor_and_count_all(as_ada):
    for _ in range(3):
        post(as_ada).close()
    page = as_ada.get("/api/v1/exports?limit=2").json()
    assert (len(page["data"]), page["pagination"]["total"]) == (2, 3)
    rest = as_ada.get(page["pagination"]["next"]).json()
    assert (len(rest["data"]), rest["pagination"]["next"]) == (1, None)
    seen = {job["export_id"] for job in page["data"] + rest["data"]}
    assert len(seen) == 3
    assert as_ada.get("/api/v1/exports?status=completed").json()["data"] == []
    assert as_ada.get("/api/v1/exports?status=nope").status_code == 400
    assert as_ada.get("/api/v1/exports?cursor=%00").json()["field"] == "cursor"
    for number in ("0.5", "1763600000", "today", "2026-13-01", "0001-01-01T00:00:00+20:00"):
        refused = as_ada.get("/api/v1/exports", {"date_to": number})
        assert (refused.status_code, refused.json()["field"]) == (400, "date_to")
    for day in (
        "2026-01-01",
        "2026-01-01T00:00:00",
        "2026-01-01T00:00:00+02:00",
        "2026-01-01T00:00:00-22:01",
    ):
        assert len(as_ada.get("/api/v1/exports", {"date_from": day}).json()["data"]) == 3
    for unreal in ("nope", "\0", "x" * 5_000):
        refused = as_ada.get("/api/v1/exports", {"resource_type": unreal})
        assert (refused.status_code, refused.json()["code"]) == (400, "bad_option")
        assert "tickets" in refused.json()["accepted"]
    for limit in ("0", "201", "-1", "x", "1.5"):
        refused = as_ada.get("/api/v1/exports", {"limit": limit})
        assert (refused.status_code, refused.json()["field"]) == (400, "limit")


def test_a_day_in_a_list_is_all_of_it(as_ada):
    post(as_ada, {"async": True})
    ExportJob.objects.update(requested_at=datetime(2026, 11, 20, 23, 59, 59, 999_999, tzinfo=UTC))
    ask = {"date_from": "2026-11-20", "date_to": "2026-11-20"}
    counts = {"2026-11-19": 0, "2026-11-20": 1, "2026-11-20T00:00:00Z": 0, "9999-12-31": 1}
    for day, count in counts.items():
        page = as_ada.get("/api/v1/exports", {**ask, "date_to": day}).json()
        assert (day, len(page["data"])) == (day, count)


def test_the_status_is_not_sent_again_while_nothing_moved(as_ada):
    at = post(as_ada, {"async": True})["Location"]
    tag = as_ada.get(at)["ETag"]
    assert as_ada.get(at, headers={"If-None-Match": tag}).status_code == 304
    run(str(ExportJob.objects.get().pk))
    assert as_ada.get(at, headers={"If-None-Match": tag}).status_code == 200


def test_a_queued_export_can_be_canceled_once(as_ada):
    at = post(as_ada, {"async": True})["Location"]
    assert as_ada.post(f"{at}/cancel").json()["status"] == "canceled"
    again = as_ada.post(f"{at}/cancel")
    assert (again.status_code, again.json()["code"]) == (409, "wrong_moment")


def test_a_finished_file_can_be_deleted_now(as_ada):
    at = post(as_ada, {"async": True})["Location"]
    run(str(ExportJob.objects.get().pk))
    assert as_ada.delete(at).status_code == 204
    assert as_ada.get(at).json()["status"] == "expired"
    assert as_ada.get(f"{at}/download").status_code == 410


def test_a_failed_export_can_be_tried_again(as_ada, settings):
    at = post(as_ada, {"async": True})["Location"]
    settings.WAYBILL = {**settings.WAYBILL, "spool_limit_bytes": 10}
    run(str(ExportJob.objects.get().pk))
    assert as_ada.get(at).json()["error"]["code"] == "storage_full"
    settings.WAYBILL = {**settings.WAYBILL, "spool_limit_bytes": 0}
    assert as_ada.post(f"{at}/retry").status_code == 202
    run(str(ExportJob.objects.get().pk))
    assert as_ada.get(at).json()["status"] == "completed"


def test_a_direct_export_that_cannot_be_written_fails_before_its_first_byte(as_ada, settings):
    settings.WAYBILL = {**settings.WAYBILL, "spool_limit_bytes": 10}
    refused = post(as_ada)
    assert (refused.status_code, refused.json()["code"]) == (507, "storage_full")
    assert queries.get(ExportJob.objects.get().pk).error_code == "storage_full"


@pytest.fixture
def browser(ada):
    """Give a browser with a person's session, whose CSRF tokens are looked at."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_session_alone_starts_nothing(browser, tickets):
    assert browser.post(TICKETS, content_type="application/json").status_code == 403
    assert not ExportJob.objects.exists()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"X-CSRFToken": "a" * 64},
        {"X-CSRFToken": ""},
    ],
    ids=str,
)
def test_a_session_alone_reads_nothing(browser, as_ada, tickets, headers):
    """A4: another site can have the browser ask, and a download is counted and logged."""
    name = post(as_ada, {"async": True}).json()["export_id"]
    run(str(ExportJob.objects.get().pk))
    for path in ("", f"/{name}", f"/{name}/download", f"/{name}/receipt", f"/{name}/logs"):
        answer = browser.get(f"/api/v1/exports{path}", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated"), path
    assert ExportJob.objects.get().downloads == 0


def test_a_session_reads_with_a_csrf_token_or_from_a_page_of_ours(browser):
    page = browser.get("/api/v1/docs").content.decode()
    token = re.search('data-csrf-token="([^"]+)"', page)[1]
    for headers in ({"X-CSRFToken": token}, {"Sec-Fetch-Site": "same-origin"}):
        assert browser.get("/api/v1/exports", headers=headers).status_code == 200
    assert browser.get("/api/v1/keys").status_code == 200  # for anybody


def test_the_document_and_the_page_for_browsing_are_there(as_ada):
    document = as_ada.get("/api/v1/openapi.json").json()
    assert {"/api/v1/tickets/export", "/api/v1/assets/export"} <= set(document["paths"])
    assert as_ada.get("/api/v1/docs").status_code == 200
