"""What a browser can be made to do: forged forms, links that act, redirects, scripts in names."""

import re
from collections.abc import Iterator
from urllib.parse import quote, urljoin, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from desk.assets import actions as asset_actions
from desk.people import tokens
from desk.people.models import User
from desk.tickets import actions
from desk.views.models import SavedView
from tests.plugins.cast import PASSWORD
from waybill import exports
from waybill.models import ExportJob
from waybill.shortid import to_short
from waybill.work.run import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]

WRITING = re.compile(
    r"^\s*(INSERT INTO|UPDATE|DELETE FROM|TRUNCATE(?: TABLE)?)\s+\"?(\w+)", re.IGNORECASE
)
# What any visit may write: the session, the lock-out's counters, the last use of a token.
OWN = {"django_session", "axes_accessattempt", "axes_accesslog", "people_token"}
LOGGED = {"waybill_exportlog", "waybill_audithead", "waybill_auditlink"}  # refusals, downloads
LETHAL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>{{7*7}}</title></script>"
ELSEWHERE = (
    "https://evil.example/", "//evil.example", "///evil.example", "/\\evil.example",
    "\\\\evil.example", "javascript:alert(1)", "http:evil.example", "https:///evil.example",
    "%2f%2fevil.example", "/%09/evil.example", "\t//evil.example", "//evil.example@testserver",
    "https://testserver@evil.example/",
)  # fmt: skip


def _log_in(person: User, **more: object) -> Client:
    client = Client(**more)  # type: ignore[arg-type]
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            yield from _patterns(one, prefix + str(one.pattern))
        elif isinstance(one, URLPattern):
            yield prefix + str(one.pattern)


@pytest.fixture
def filled(ada: User) -> dict[str, str]:
    """Something behind every kind of argument that an address takes."""
    ticket = actions.create({"subject": "Printer jams"}, by=ada)
    asset = asset_actions.create({"name": "Laptop", "asset_tag": "A-1"}, by=ada)
    tokens.create_token(ada, name="x", by=ada)
    job = exports.start("tickets", by=ada)
    run(str(job.pk))
    name = to_short(job.pk)
    return {
        "tickets/<int:pk>": f"tickets/{ticket.pk}",
        "assets/<int:pk>": f"assets/{asset.pk}",
        "<str:name>": name,
        "<export_id>": name,
        "<str:resource>": "tickets",
        "<resource>": "tickets",
        "<slug:subject>": "tickets",
        "<slug:resource>": "tickets",
        "<path:url>": "x",
    }


def _addresses(filled: dict[str, str]) -> list[str]:
    found = []
    for pattern in _patterns():
        if pattern.startswith(("admin/", "^static")):
            continue
        address = pattern
        for place, value in filled.items():
            address = address.replace(place, value)
        address = re.sub(r"<int:\w+>", "1", address)
        address = re.sub(r"<(slug|str):\w+>", "x", address)
        assert "<" not in address, f"{pattern}: the test knows nothing to put there"
        found.append("/" + address)
    return found


def test_no_get_changes_or_starts_anything(ada: User, filled: dict[str, str]) -> None:
    """FAULTS 86: every address of the URL configuration, also as a link or a picture elsewhere."""
    browser = _log_in(ada)
    addresses = _addresses(filled)
    assert len(addresses) > 50
    jobs, changed = ExportJob.objects.count(), {}
    for address in addresses:
        for method in (browser.get, browser.head):
            with CaptureQueriesContext(connection) as said:
                answer = method(address, headers={"Sec-Fetch-Site": "cross-site"})
                if answer.streaming:
                    b"".join(answer)  # type: ignore[arg-type]
            told = {
                match[2] for one in said.captured_queries if (match := WRITING.match(one["sql"]))
            }
            allowed = OWN | LOGGED | ({"waybill_exportjob"} if "/download" in address else set())
            if told - allowed:
                changed[address] = told - allowed
    assert changed == {}
    assert ExportJob.objects.count() == jobs
    assert ExportJob.objects.get().status == "completed"


def test_a_forged_form_of_another_site_does_nothing(ada: User, filled: dict[str, str]) -> None:
    """FAULTS 85: a session without its CSRF token starts, cancels and deletes nothing."""
    strict = _log_in(ada, enforce_csrf_checks=True)
    name = filled["<str:name>"]
    acts = [
        *(reverse(f"waybill:{act}", args=[name]) for act in ("cancel", "retry", "again", "delete")),
        reverse("waybill:start", args=["tickets"]),
        reverse("people:new_token"),
        reverse("people:logout"),
        "/api/v1/tickets/export",
        f"/api/v1/exports/{name}/cancel",
        f"/api/v1/exports/{name}/retry",
    ]
    for act in acts:
        for kind in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
            answer = strict.post(act, "{}", content_type=kind, headers={"Origin": "http://e.x"})
            assert answer.status_code == 403, act
    assert strict.delete(f"/api/v1/exports/{name}").status_code == 403
    job = ExportJob.objects.get()
    assert job.status == "completed"


def test_a_cookie_beside_a_token_adds_nothing(ada: User, dan: User) -> None:
    """FAULTS 85: whoever sends a token is judged by it alone, and needs no CSRF token."""
    _token, text = tokens.create_token(dan, name="x", by=None)
    strict = _log_in(ada, enforce_csrf_checks=True)
    answer = strict.post(
        "/api/v1/tickets/export",
        "{}",
        content_type="application/json",
        headers={"Authorization": f"Bearer {text}"},
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    wrong = strict.get("/api/v1/exports", headers={"Authorization": "Bearer wb_no"})
    assert wrong.status_code == 401


def test_a_session_with_its_csrf_token_uses_the_api(ada: User) -> None:
    """FAULTS 85: the page for browsing the API works for who is logged in."""
    strict = _log_in(ada, enforce_csrf_checks=True)
    page = strict.get(reverse("people:profile")).content.decode()
    [csrf] = set(re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[:1])
    answer = strict.post(
        "/api/v1/tickets/export",
        '{"async": true}',
        content_type="application/json",
        headers={"X-CSRFToken": csrf},
    )
    assert answer.status_code == 202


@pytest.mark.parametrize("target", ELSEWHERE)
def test_the_log_in_leads_nowhere_else(target: str, dan: User) -> None:
    """FAULTS 87: an address of another site is not followed after the log-in."""
    login = reverse("people:login")
    answer = Client().post(login, {"username": "dan", "password": PASSWORD, "next": target})
    assert answer.status_code == 302
    known = _log_in(dan).get(login, {"next": target})
    assert known.status_code == 302
    for location in (answer["Location"], known["Location"]):
        # As browsers read it: a backslash is a slash, tabs and line ends are nothing.
        read = re.sub(r"[\t\r\n]", "", location).replace("\\", "/")
        led = urlsplit(urljoin(f"http://testserver{login}", read))
        assert (led.scheme, led.netloc) == ("http", "testserver")


def test_what_people_type_is_text_on_every_page(ada: User) -> None:
    """FAULTS 90: names of views, tickets, people, tokens and labels never become markup."""
    User.objects.filter(pk=ada.pk).update(display_name=LETHAL[:200])
    ticket = actions.create({"subject": LETHAL, "description": LETHAL}, by=ada)
    actions.comment(ticket, LETHAL, by=ada, internal=True)
    asset = asset_actions.create({"name": LETHAL[:100], "asset_tag": "A-1"}, by=ada)
    tokens.create_token(ada, name=LETHAL[:100], by=ada)
    view = SavedView.objects.create(subject="tickets", name=LETHAL[:100], owner=ada)
    job = exports.start("tickets", by=ada, view=view.name, labels={"id": LETHAL}, search="script")
    ExportJob.objects.filter(pk=job.pk).update(
        status="failed", error_code="x", error_message=LETHAL, message=LETHAL
    )
    name = to_short(job.pk)
    pages = [
        "/staff/tickets/", f"/staff/tickets/{ticket.pk}/", f"/staff/tickets/{ticket.pk}/edit",
        f"/staff/tickets/?search={LETHAL}", f"/staff/assets/{asset.pk}/", "/staff/assets/",
        f"/staff/views/{view.pk}/", f"/staff/tickets/?view={view.pk}", "/staff/people/",
        "/staff/tokens/?everybody", "/staff/profile/", "/staff/exports/",
        f"/staff/exports/{name}/", f"/staff/exports/{name}/log",
        f"/staff/exports/new/tickets/?search={LETHAL}", "/admin/", "/admin/waybill/exportjob/",
        f"/admin/waybill/exportjob/{job.pk}/change/", "/admin/views/savedview/",
        "/admin/people/user/", "/admin/tickets/ticket/",
    ]  # fmt: skip
    browser, seen = _log_in(ada), 0
    for page in pages:
        answer = browser.get(page)
        assert answer.status_code == 200, page
        text = answer.content.decode()
        assert "<script>alert(1)" not in text, page
        assert "<img src=x" not in text, page
        assert "49</title>" not in text, page
        seen += "&lt;script&gt;alert(1)" in text
        policy = answer["Content-Security-Policy"]
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
    assert seen > 12


@pytest.mark.parametrize(
    "address", ["a@b.example\nBcc: x@y.example", "a@b.example\r\nX: y", "a\0@b"]
)
def test_an_address_that_would_forge_a_mail_header_is_not_taken(address: str, ada: User) -> None:
    """FAULTS 89: refused where it is typed, so no mail ever meets it."""
    values = {"display_name": "Ada", "email": address, "time_zone": "UTC"}
    answer = _log_in(ada).post(reverse("people:profile"), values)
    assert answer.status_code == 200
    ada.refresh_from_db()
    assert ada.email == "ada@desk.example"


def test_every_answer_carries_what_protects_it(ada: User, filled: dict[str, str]) -> None:
    browser = _log_in(ada)
    for address in ("/staff/tickets/", "/staff/login/", "/api/v1/exports", "/api/v1/docs", "/no"):
        answer = browser.get(address)
        assert answer["X-Content-Type-Options"] == "nosniff", address
        assert answer["X-Frame-Options"] == "DENY", address
        assert answer["Referrer-Policy"] == "same-origin", address
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"], address


def test_cookies_are_for_the_server_alone(dan: User) -> None:
    browser = Client()
    browser.post(reverse("people:login"), {"username": "dan", "password": PASSWORD})
    for name in ("sessionid", "csrftoken"):
        assert browser.cookies[name]["httponly"], name
        assert browser.cookies[name]["samesite"] == "Lax", name


@pytest.mark.parametrize(
    ("headers", "answered"),
    [
        ({"HX-Request": "true"}, {"HX-Refresh": "true"}),
        (
            {"HX-Request": "true", "HX-Boosted": "true"},
            {"HX-Redirect": "/staff/login/?next=/staff/tickets/"},
        ),
    ],
)
def test_a_list_whose_session_ended_leads_the_whole_page_to_the_log_in(
    headers: dict[str, str], answered: dict[str, str]
) -> None:
    answer = Client().get(reverse("tickets:list"), headers=headers)

    assert (answer.status_code, answer.content) == (204, b"")
    assert {name: answer.headers.get(name) for name in answered} == answered


@pytest.mark.parametrize(
    "address", ["/staff/tickets/5/comment", "/staff/exports/new/tickets/start"]
)
def test_a_form_sent_after_the_session_ended_leads_back_to_the_page_it_stood_on(
    address: str, dan: User
) -> None:
    """Its own address takes forms only: after the log-in it would be an empty 405."""
    page = "/staff/tickets/5/?view=1"

    def leads_to(**headers: str) -> str:
        return Client().post(address, {"body": "x"}, headers=headers).headers["Location"]

    assert leads_to(referer=f"http://testserver{page}") == f"/staff/login/?next={quote(page)}"
    for elsewhere in ({}, {"referer": "https://evil.example/staff/"}, {"referer": "x" * 99}):
        assert leads_to(**elsewhere) == "/staff/login/"
    login = Client().post("/staff/login/", {"username": "dan", "password": PASSWORD})
    assert login.headers["Location"] == "/staff/"
