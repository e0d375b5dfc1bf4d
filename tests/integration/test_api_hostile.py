"""What comes in by the API to do harm, and what goes out when something breaks."""

import json
import logging
import re
from types import SimpleNamespace

import pytest
from django.db import OperationalError
from django.db.models import CharField, Func, Value
from django.test import Client

from desk.tickets.models import Contact, Ticket
from desk.views.models import SavedView
from waybill.jobs import queries
from waybill.models import ExportJob
from waybill.shortid import to_short
from waybill.work.run import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]

TICKETS, EXPORTS = "/api/v1/tickets/export", "/api/v1/exports"
PATHS = (
    "assignee__password__startswith", "assigned_to__password", "created_by__password",
    "assigned_to__tokens__digest__startswith", "token__key__gt", "contact__phone__contains",
    "comments__body__icontains", "pk__in", "id__gt", "subject__regex", "deleted_at__isnull",
    "status.name", "?", "assigned_to_id", "team__people__email", "_order", "pk",
)  # fmt: skip


@pytest.fixture
def caller(calling, ada):
    contact = Contact.objects.create(name="Kim", phone="+49 30 1")
    Ticket.objects.bulk_create(
        Ticket(ticket_code=f"TCK-{number}", subject=f"Secret {number}", contact=contact)
        for number in range(1, 11)
    )
    return calling(ada)


def post(client, body=None, **headers):
    return client.post(
        TICKETS, json.dumps(body or {}), content_type="application/json", headers=headers or None
    )


def code_of(answer):
    assert answer["Content-Type"] == "application/problem+json", answer
    return answer.status_code, answer.json()["code"]


@pytest.mark.parametrize("path", PATHS)
def test_no_path_through_a_relation_tells_anything(path, caller):
    """FAULTS 76: a name that is not declared is refused in every place that takes names."""
    assert code_of(post(caller, {"filters": {path: "a"}})) == (400, "unknown_filter")
    assert code_of(post(caller, {"columns": [f"{path}x"]})) == (400, "unknown_column")
    assert code_of(post(caller, {"labels": {f"{path}x": "y"}})) == (400, "unknown_column")
    if path != "assigned_to_id":
        assert code_of(post(caller, {"sort": path})) == (400, "bad_sort")
        assert code_of(post(caller, {"sort": [f"-{path}"]})) == (400, "bad_sort")
    assert caller.get(EXPORTS, {path: "a"}).status_code == 400
    assert not ExportJob.objects.exists()


def test_a_search_finds_nothing_in_what_the_export_does_not_hold(caller):
    """FAULTS 76: passwords, contacts and tokens are not searched."""
    for text in ("+49 30 1", "md5$", "wb_"):
        assert post(caller, {"search": text, "dry_run": True}).json()["rows"] == 0


def nested(depth):
    return "[" * depth + "]" * depth


@pytest.mark.parametrize(
    "filters",
    [
        {"_connector": "OR"},
        {"_negated": True},
        {"__class__": "x"},
        {"__proto__": {}},
        {"status_id": {"gt": 1}},
        {"status_id": [[1]]},
        {"status_id": [{"in": [1]}]},
        {"status_id": None},
        {"status_id": []},
        {"status_id": ""},
        {"status_id": [""]},
        {"status_id": [None]},
        {"status_id": "1 OR 1=1"},
        {"status_id": 10**30},
        {"status_id": -1},
        {"status_id": 1.5},
        {"status_id": True},
        {"status_id": list(range(100_000))},
        {"is_open": "maybe"},
        {"is_open": 2},
        {"created_from": "'; DROP TABLE tickets_ticket; --"},
        {"created_from": 5},
        {"created_from": "9999-99-99"},
        {"created_from": "last 99999 days"},
        {"created_from": "0000-00-00T00:00:00+99:99"},
        {"created_from": "x" * 100_000},
    ],
)
def test_a_hostile_filter_is_refused(filters, caller):
    """FAULTS 91: by its shape, its type, its length, before it reaches the database."""
    status, code = code_of(post(caller, {"filters": filters}))
    assert status in {400, 422}
    assert code in {"bad_filter", "unknown_filter", "invalid_request", "too_much"}
    assert not ExportJob.objects.exists()


@pytest.mark.parametrize(
    "text",
    [
        '{"filters": {"status_id": NaN}}',
        '{"filters": {"status_id": Infinity}}',
        '{"filters": ' + nested(100_000) + "}",
        '{"filters": {"status_id": ' + nested(1_000) + "}}",
        '{"filters": {"status_id": "\\ud800"}}',
        '{"search": "\\u0000"}',
        '{"filters": [1]}',
        '{"filters": "status_id=1"}',
        '{"sort": {"by": "id"}}',
        '{"columns": [["id"]]}',
        '{"columns": {"id": 1}}',
        '{"format": ["csv"]}',
        '{"options": {"delimiter": ",,"}}',
        '{"options": {"delimiter": "\\n"}}',
        '{"options": {"delimiter": "\\""}}',
        '{"options": {"zone": "../../etc/passwd"}}',
        '{"options": {"compression": "zip"}}',
        '{"options": {"nope": 1}}',
        '{"async": "perhaps"}',
        "[]",
        '"x"',
        "1",
        "{",
        "\x00",
        '{"search": "' + "a" * 1_000_000 + '"}',
        '{"sort": "id,id,-id,,subject' + ",created_at" * 10_000 + '"}',
        '{"view": "' + "x" * 100_000 + '"}',
        '{"labels": {"id": "' + "x" * 100_000 + '"}}',
    ],
    ids=lambda text: text[:40],
)
def test_a_hostile_body_is_refused(text, caller):
    """FAULTS 91: not a number, too deep, of the wrong type, too long."""
    answer = caller.post(TICKETS, text, content_type="application/json")
    status, _code = code_of(answer)
    assert status in {400, 422}
    assert len(answer.content) < 10_000
    assert not ExportJob.objects.exists()


def test_a_body_beyond_the_limit_is_refused_unread(caller):
    answer = caller.post(TICKETS, b" " * 3_000_000, content_type="application/json")
    assert code_of(answer) == (413, "too_large")


@pytest.mark.parametrize(
    "text", ["(a+)+$", "%" * 900, "\\" * 900, "_" * 900, "a" * 1_000, "'\";--"]
)
def test_a_search_is_words_and_no_pattern(text, caller):
    """FAULTS 92: no regular expression, no wildcard, a bounded length."""
    answer = post(caller, {"search": text, "dry_run": True})
    assert (answer.status_code, answer.json()["rows"]) == (200, 0)


def test_a_count_that_takes_too_long_is_ended(caller, settings, monkeypatch):
    """FAULTS 92: what cannot be bounded by its shape is bounded in time."""
    settings.WAYBILL = {**settings.WAYBILL, "count_seconds": 0.2}
    text = "%(function)s(%(expressions)s)::text"
    nap = Func(Value(60), function="pg_sleep", template=text, output_field=CharField())
    slow = Ticket.objects.annotate(nap=nap)

    def endless(*_args):
        return SimpleNamespace(source=slow.exclude(nap="x"))

    monkeypatch.setattr("waybill.work.ask.build", endless)
    assert code_of(post(caller)) == (503, "time_limit")
    assert not ExportJob.objects.exists()


def test_no_declared_filter_looks_by_regular_expression():
    """FAULTS 92: of any export that is registered."""
    from waybill import registry

    declared = [registry.get(name).filters for name in registry.names()]
    lookups = {one.lookup_expr for kind in declared if kind for one in kind.base_filters.values()}
    assert lookups
    assert not [one for one in lookups if "regex" in one]


def test_a_line_break_or_a_colour_in_a_name_makes_no_second_log_line(caller, ada, caplog):
    """FAULTS 93: what people type reaches no log line raw."""
    caplog.set_level(logging.DEBUG)
    forged = "x\r\n2026-11-20 INFO forged\x1b[31m"
    SavedView.objects.create(subject="tickets", name=forged, owner=ada, columns=["id"])
    post(caller, {"view": forged, "async": True}, **{"User-Agent": "y", "Idempotency-Key": "k"})
    run(str(ExportJob.objects.get().pk))
    post(caller, {"view": f"{forged}2", "columns": [forged], "sort": forged})
    caller.get(f"{EXPORTS}/{'%0d%0aforged%1b'}")
    assert "forged" not in "".join(record.getMessage() for record in caplog.records if raw(record))


def raw(record):
    return bool(re.search("[\r\n\x1b]", record.getMessage()))


def test_no_body_sends_bytes_or_calls_to_a_place_of_ones_own(caller):
    """FAULTS 94: there is no field for a webhook, a storage or an address."""
    document = caller.get("/api/v1/openapi.json").json()
    body = document["paths"]["/api/v1/tickets/export"]["post"]["requestBody"]
    fields = body["content"]["application/json"]["schema"]["properties"]
    assert not [name for name in fields if re.search("url|hook|uri|storage|bucket|path|to$", name)]
    for name in ("webhook", "callback_url", "storage", "path", "email_to"):
        assert code_of(post(caller, {name: "http://169.254.169.254/"})) == (400, "invalid_request")


@pytest.mark.parametrize("header", [{"HTTP_HOST": "evil.example"}, {"HTTP_HOST": "testserver@e.x"}])
def test_an_unknown_host_is_refused(header, caller):
    """FAULTS 95: no link is made from a header that anybody can send."""
    assert caller.get(EXPORTS, **header).status_code == 400
    answer = caller.get(EXPORTS, HTTP_X_FORWARDED_HOST="evil.example")
    assert answer.status_code == 200
    assert b"evil.example" not in answer.content


@pytest.mark.parametrize(
    "tail",
    ["/download/", "//download", "/download;x", "/DOWNLOAD", "/%2e/download", "/download%2f",
     "/./download", "/download%00", "/logs/../download", "/download.csv", "/download?x=1"],
)  # fmt: skip
def test_no_spelling_of_a_path_goes_around_the_door(tail, caller, calling, dan):
    """FAULTS 96: whoever may not fetch gets no byte by any of them."""
    post(caller, {"async": True})
    job = ExportJob.objects.get()
    run(str(job.pk))
    path = f"{EXPORTS}/{to_short(job.pk)}{tail}"
    for who, statuses in ((Client(), {401, 404}), (calling(dan), {404})):
        answer = who.get(path)
        assert answer.status_code in statuses, path
        assert not answer.streaming


@pytest.mark.parametrize(
    ("problem", "told"),
    [(OperationalError, (503, "source_gone")), (RuntimeError, (500, "error"))],
)
def test_a_failure_tells_nothing_of_the_inside(problem, told, caller, monkeypatch, caplog):
    """FAULTS 97: no query, no value, no path, no key in the answer, and no value in the log."""

    def broken(*_args, **_more):
        raise problem('relation "secret_rows": SELECT 1 WHERE x = 4711')

    monkeypatch.setattr("waybill.api.exporting.ask", broken)
    caller.raise_request_exception = False
    answer = post(caller)
    assert code_of(answer) == told
    for inside in ("secret_rows", "SELECT", "4711", "Traceback", ".py", problem.__name__):
        assert inside not in answer.content.decode()
    assert "secret_rows" not in caplog.text
    assert problem.__name__ in caplog.text


def test_a_file_is_named_by_the_engine_alone(caller, ada):
    """FAULTS 88: neither view, label nor search reaches the name, and the type is of the format."""
    hostile = 'a"\r\nX-Y: z;../../x\u202egpj.exe.html' + "n" * 50
    SavedView.objects.create(subject="tickets", name=hostile, owner=ada, columns=["id"])
    for fmt, ending in (("csv", "csv"), ("excel", "xlsx"), ("json", "json"), ("ndjson", "ndjson")):
        body = {"view": hostile, "format": fmt, "labels": {"id": hostile}}
        answer = post(caller, body)
        assert re.fullmatch(
            rf'attachment; filename="tickets_\d{{4}}-\d\d-\d\d\.{ending}"',
            answer["Content-Disposition"],
        )
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "X-Y" not in answer.headers
        answer.close()


@pytest.mark.parametrize("digits", [1, 18, 19, 4_301, 8_000])
def test_a_range_of_any_length_is_answered(digits, caller):
    post(caller, {"async": True})
    job = ExportJob.objects.get()
    run(str(job.pk))
    address = f"{EXPORTS}/{to_short(job.pk)}/download"
    for asked in (
        "bytes=" + "9" * digits + "-",
        "bytes=0-" + "9" * digits,
        "bytes=-" + "9" * digits,
    ):
        answer = caller.get(address, headers={"Range": asked})
        assert answer.status_code in {200, 206, 416}
        b"".join(answer)


@pytest.mark.parametrize("day", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
def test_a_list_takes_the_first_and_the_last_day_there_is(day, caller):
    for name in ("date_from", "date_to"):
        assert caller.get(EXPORTS, {name: day}).status_code in {200, 400}


def test_the_sent_file_cannot_act_in_a_browser(caller):
    """FAULTS 86: an attachment, unsniffed, kept by no cache, in a sandbox."""
    post(caller, {"async": True})
    job = ExportJob.objects.get()
    run(str(job.pk))
    kept = caller.get(f"{EXPORTS}/{to_short(job.pk)}/download")
    for answer in (kept, post(caller)):
        assert answer["Content-Disposition"].startswith("attachment; ")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Content-Security-Policy"] == "sandbox"
        answer.close()
    assert queries.get(job.pk).downloads == 0


@pytest.mark.parametrize("offset", ["+22:01", "-23:59", "+15:00"])
def test_a_time_of_a_filter_may_stand_in_any_offset(offset, caller):
    filters = {"created_from": f"2020-01-01T00:00:00{offset}"}
    answer = post(caller, {"filters": filters, "dry_run": True})
    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["async", "dry_run", "email_notification"])
@pytest.mark.parametrize("value", [0, 1, "true"])
def test_only_a_boolean_is_taken_for_one(name, value, caller):
    assert code_of(post(caller, {name: value})) == (400, "invalid_request")
    assert code_of(post(caller, {"options": {"raw": value}})) == (400, "invalid_request")
