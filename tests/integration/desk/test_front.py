"""Whom a request is believed to come from, and how much of it is taken."""

from ipaddress import ip_network

import pytest
from django.test import Client
from django.urls import reverse

from desk.people import tokens
from desk.people.models import User
from tests.plugins.cast import PASSWORD
from waybill.models import ExportLog

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]

PROXY, INNER, CLIENT, LIAR = "10.0.0.1", "10.0.0.2", "192.0.2.7", "6.6.6.6"


@pytest.fixture
def behind_proxies(settings):
    settings.PROXIES = [ip_network("10.0.0.0/24"), ip_network("fd00::/8")]


def logged_address(person: User, peer: str, **headers: str) -> str:
    """Start an export from an address, and give the one that the log took."""
    _token, text = tokens.create_token(person, name="x", by=None)
    sent = {"Authorization": f"Bearer {text}", **headers}
    answer = Client().post(
        "/api/v1/tickets/export",
        '{"async": true}',
        content_type="application/json",
        headers=sent,
        REMOTE_ADDR=peer,
    )
    assert answer.status_code == 202, answer.content
    return ExportLog.objects.get(event="initiated").address


@pytest.mark.usefixtures("behind_proxies")
@pytest.mark.parametrize(
    ("peer", "reported", "logged"),
    [
        (PROXY, CLIENT, CLIENT),
        (PROXY, f"{LIAR}, {CLIENT}", CLIENT),
        (PROXY, f"{LIAR}, {CLIENT}, {INNER}", CLIENT),
        (PROXY, f"{CLIENT}:4711", CLIENT),
        (PROXY, "[2001:db8::1]:4711", "2001:db8::1"),
        (PROXY, f"::ffff:{CLIENT}", CLIENT),
        ("fd00::1", CLIENT, CLIENT),
        ("", CLIENT, CLIENT),
        (PROXY, "unknown", PROXY),
        (PROXY, f"{LIAR}, <script>", PROXY),
        (PROXY, INNER, PROXY),
        (CLIENT, LIAR, CLIENT),
        (CLIENT, f"{LIAR}, {PROXY}", CLIENT),
    ],
    ids=[
        "told by the proxy",
        "after a lie",
        "through two proxies",
        "with a port",
        "IPv6 with a port",
        "IPv4 in IPv6",
        "proxy by IPv6",
        "proxy by a socket",
        "no address",
        "no address after a lie",
        "nobody but proxies",
        "past the proxy",
        "past the proxy, naming it",
    ],
)
def test_the_log_takes_the_address_that_a_named_proxy_saw(
    ada: User, peer: str, reported: str, logged: str
) -> None:
    assert logged_address(ada, peer, **{"X-Forwarded-For": reported}) == logged


def test_nobody_is_believed_where_no_proxy_is_named(ada: User) -> None:
    assert logged_address(ada, PROXY, **{"X-Forwarded-For": LIAR}) == PROXY


@pytest.mark.usefixtures("behind_proxies")
def test_only_a_named_proxy_says_that_the_client_came_by_tls(settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    told = {"X-Forwarded-Proto": "https", "X-Forwarded-For": CLIENT}
    login = reverse("people:login")

    assert Client().get(login, headers=told, REMOTE_ADDR=PROXY).status_code == 200
    assert Client().get(login, headers=told, REMOTE_ADDR=CLIENT).status_code == 301


@pytest.mark.usefixtures("behind_proxies")
def test_a_guesser_behind_the_proxy_locks_out_nobody_else_behind_it(dan: User) -> None:
    login = reverse("people:login")

    def tried(address: str, password: str) -> int:
        form = {"username": "dan", "password": password}
        told = {"X-Forwarded-For": f"{LIAR}, {address}"}
        return Client().post(login, form, headers=told, REMOTE_ADDR=PROXY).status_code

    assert [tried(LIAR, "wrong") for _ in range(6)][-1] == 429
    assert tried(CLIENT, PASSWORD) == 302


@pytest.mark.parametrize("probe", ["/healthz", "/readyz", "/metrics"])
@pytest.mark.parametrize("hosts", [["desk.example.org"], [".example.org"]], ids=["name", "domain"])
def test_a_probe_by_the_address_of_a_machine_is_answered(
    probe: str, hosts: list[str], settings
) -> None:
    settings.ALLOWED_HOSTS = hosts
    settings.SECURE_SSL_REDIRECT = True

    assert Client().get(probe, headers={"Host": "10.0.0.3:8000"}).status_code == 200
    assert Client().get("/staff/", headers={"Host": "10.0.0.3:8000"}).status_code == 400


@pytest.mark.parametrize("address", ["/staff/login/", "/staff/tickets/", "/admin/login/"])
def test_an_upload_to_a_page_that_takes_none_is_refused_unread(address: str) -> None:
    answer = Client().post(address, {}, CONTENT_LENGTH=str(3_000_000))

    assert answer.status_code == 413


def test_the_api_tells_in_its_own_way_that_a_body_is_too_long() -> None:
    answer = Client().post("/api/v1/tickets/export", {}, CONTENT_LENGTH=str(3_000_000))

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_the_page_that_verifies_takes_files_up_to_its_bound(ada: User, settings) -> None:
    browser = Client()
    browser.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    page = reverse("waybill:verify")

    assert browser.post(page, {}, CONTENT_LENGTH=str(5_000_000_000)).status_code == 413
    assert browser.post(page, {"file": _file(3_000_000)}).status_code == 200


def _file(length: int):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("tickets.csv", b"x" * length)
