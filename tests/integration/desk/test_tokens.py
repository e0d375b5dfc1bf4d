"""Tokens of the API: pages, commands, and what is never told (FAULTS 82 to 84)."""

import hashlib
import logging
import re
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.views.debug import ExceptionReporter
from django.views.decorators.debug import sensitive_variables

from desk.people import audit, tokens
from desk.people.models import Token, User

pytestmark = pytest.mark.django_db

TEXT = re.compile(r"wb_[0-9A-Za-z]{49}")
EXPORTS = "/api/v1/exports"

type LogIn = Callable[[User], Client]


@pytest.fixture
def log_in() -> LogIn:
    """Give a browser with a person's session."""

    def client(person: User) -> Client:
        browser = Client()
        browser.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return browser

    return client


def made(browser: Client, **values: object) -> str:
    """Make a token on the page and read it off."""
    form = {"name": "report", "days": 90, "scopes": ["exports:read"], **values}
    page = browser.post(reverse("people:new_token"), form)
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    [text] = TEXT.findall(page.content.decode())
    return text


def status(authorization: str) -> int:
    return Client().get(EXPORTS, headers={"Authorization": authorization}).status_code


def test_whoever_holds_a_right_makes_a_token_and_sees_it_once(log_in: LogIn, ben: User) -> None:
    browser = log_in(ben)
    text = made(browser)
    assert status(f"Bearer {text}") == 200

    page = browser.get(reverse("people:tokens")).content.decode()
    assert "report" in page
    assert text[:7] in page
    assert text not in page
    token = Token.objects.get()
    assert token.last_used_at is not None
    assert token.expires_at is not None
    assert timedelta(days=89) < token.expires_at - timezone.now() <= timedelta(days=90)
    assert token.scopes == ["exports:read"]


def test_a_page_that_is_sent_twice_makes_one_token(log_in: LogIn, ben: User) -> None:
    browser = log_in(ben)
    made(browser)
    again = browser.post(
        reverse("people:new_token"), {"name": "report", "days": 30, "scopes": ["exports:read"]}
    )
    assert "You have a token of this name." in again.content.decode()
    assert Token.objects.count() == 1


@pytest.mark.parametrize("name", ["cleo", "dan"])
def test_whoever_holds_no_right_makes_none(
    name: str, log_in: LogIn, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(name)
    browser = log_in(person)
    assert browser.get(reverse("people:new_token")).status_code == 403
    assert browser.post(reverse("people:new_token"), {"name": "x"}).status_code == 403
    assert browser.get(reverse("people:tokens")).status_code == 200
    with pytest.raises(PermissionDenied):
        tokens.create_token(person, name="x", by=person)
    assert not Token.objects.exists()


def test_nobody_makes_a_token_in_the_name_of_somebody_else(ada: User, ben: User) -> None:
    with pytest.raises(PermissionDenied):
        tokens.create_token(ben, name="x", by=ada)


def test_people_see_and_revoke_their_own_and_administrators_all(
    log_in: LogIn, ada: User, ben: User, dan: User, cleo: User
) -> None:
    adas, adas_text = tokens.create_token(ada, name="of ada", by=ada)
    bens, _bens_text = tokens.create_token(ben, name="of ben", by=ben)
    everybody = f"{reverse('people:tokens')}?everybody"

    as_ben = log_in(ben).get(everybody).content.decode()
    assert "of ben" in as_ben
    assert "of ada" not in as_ben
    as_cleo = log_in(cleo).get(everybody).content.decode()
    assert "of ben" in as_cleo
    assert "of ada" in as_cleo

    foreign = log_in(dan).post(reverse("people:revoke_token", args=[adas.pk]))
    missing = log_in(dan).post(reverse("people:revoke_token", args=[adas.pk + bens.pk]))
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert status(f"Bearer {adas_text}") == 200
    with pytest.raises(PermissionDenied):
        tokens.revoke_token(adas, by=dan)

    done = log_in(cleo).post(reverse("people:revoke_token", args=[adas.pk]))
    assert done.status_code == 302
    assert done["Location"] == everybody
    assert status(f"Bearer {adas_text}") == 401


def test_a_token_is_revoked_by_post_with_a_csrf_token_alone(log_in: LogIn, ben: User) -> None:
    token, text = tokens.create_token(ben, name="x", by=ben)
    address = reverse("people:revoke_token", args=[token.pk])
    assert log_in(ben).get(address).status_code == 405
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ben, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(address).status_code == 403
    assert status(f"Bearer {text}") == 200


def test_making_and_revoking_is_told_to_the_audit_without_the_text(ben: User) -> None:
    heard: list[dict[str, Any]] = []

    def take(**told: Any) -> None:
        heard.append(told)

    audit.recorded.connect(take)
    try:
        token, text = tokens.create_token(ben, name="x", by=ben)
        tokens.revoke_token(token, by=ben)
        tokens.revoke_token(token, by=ben)
    finally:
        audit.recorded.disconnect(take)
    assert [(one["event"], one["by"], one["about"]) for one in heard] == [
        ("token_created", ben, "ben"),
        ("token_revoked", ben, "ben"),
    ]
    assert all(text not in str(one["facts"]) for one in heard)


def test_only_a_good_token_opens_anything(ben: User) -> None:
    """FAULTS 82: every wrong form is the same 401."""
    _token, text = tokens.create_token(ben, name="good", by=ben)
    late, expired = tokens.create_token(
        ben, name="late", by=ben, expires_at=timezone.now() + timedelta(days=1)
    )
    Token.objects.filter(pk=late.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    gone, revoked = tokens.create_token(ben, name="gone", by=ben)
    tokens.revoke_token(gone, by=ben)
    swapped = text[:-1] + ("0" if text[-1] != "0" else "1")

    assert status(f"Bearer {text}") == 200
    assert status(f"bearer {text}") == 200
    assert status(f"BEARER  {text} ") == 200
    wrong = [
        "",
        "Bearer",
        "Bearer ",
        text,
        f"Basic {text}",
        f"Token {text}",
        f"Bearer {text}, Bearer {text}",
        f"Bearer {text} {text}",
        f"Bearer {text}\u00fc",
        "Bearer wb_" + "ü" * 49,
        f"Bearer {'wb_' + 'A' * 8_000}",
        f"Bearer {expired}",
        f"Bearer {revoked}",
        f"Bearer {swapped}",
        f"Bearer {text[:-7]}",
        f"Bearer {hashlib.sha256(text.encode()).hexdigest()}",
    ]
    answers = [Client().get(EXPORTS, headers={"Authorization": one}) for one in wrong]
    assert [one.status_code for one in answers] == [401] * len(wrong)
    assert len({one.content for one in answers}) == 1
    assert all(one["WWW-Authenticate"].startswith("Bearer") for one in answers)

    User.objects.filter(pk=ben.pk).update(is_active=False)
    assert Client().get(EXPORTS, headers={"Authorization": f"Bearer {text}"}).content == (
        answers[0].content
    )


def test_a_wrong_checksum_is_compared_in_constant_time_and_asks_no_database(
    ben: User, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    """FAULTS 82: a token with a valid beginning and a bad checksum."""
    _token, text = tokens.create_token(ben, name="good", by=ben)
    compared: list[tuple[str, str]] = []
    right = secrets.compare_digest

    def compare(one: str, other: str) -> bool:
        compared.append((one, other))
        return right(one, other)

    monkeypatch.setattr(secrets, "compare_digest", compare)
    with django_assert_num_queries(0):
        assert tokens.find_token(text[:-1] + ("0" if text[-1] != "0" else "1")) is None
    assert len(compared) == 1
    assert tokens.find_token(text) is not None


def test_the_table_holds_a_hash_of_at_least_256_random_bits_and_nothing_else(ben: User) -> None:
    """FAULTS 83: whoever has the table has no token."""
    _token, text = tokens.create_token(ben, name="x", by=ben)
    assert len(tokens.ALPHABET) ** tokens.SECRET_LETTERS >= 2**256
    assert TEXT.fullmatch(text)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM people_token")
        row = cursor.fetchone()
    assert hashlib.sha256(text.encode()).hexdigest() in row
    assert text[7:] not in str(row)
    assert len({tokens.create_token(ben, name="x", by=ben)[1] for _ in range(50)}) == 50


def test_a_token_in_an_address_opens_nothing(ben: User) -> None:
    """FAULTS 84: a query string ends in logs and histories."""
    _token, text = tokens.create_token(ben, name="x", by=ben)
    for name in ("token", "access_token", "api_key", "authorization"):
        assert Client().get(EXPORTS, {name: text}).status_code == 401


def test_no_log_line_and_no_error_report_holds_a_token(
    ben: User, log_in: LogIn, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """FAULTS 84: making, using, misusing and breaking leave no trace of the text."""
    caplog.set_level(logging.DEBUG)
    text = made(log_in(ben))
    as_ben = {"Authorization": f"Bearer {text}"}
    Client().get(EXPORTS, headers=as_ben)
    Client().get(f"{EXPORTS}/nope", headers=as_ben)
    Client().get(EXPORTS, headers={"Authorization": f"Bearer {text}x"})

    @sensitive_variables()
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("desk.people.tokens._digest", broken)
    failed = Client().get(EXPORTS, headers=as_ben)
    assert failed.status_code == 500
    assert text not in failed.content.decode()
    assert text not in caplog.text
    try:
        tokens.find_token(text)
    except RuntimeError as problem:
        below = problem.__traceback__ and problem.__traceback__.tb_next  # without this test's own
        report = ExceptionReporter(failed.wsgi_request, RuntimeError, problem, below)  # type: ignore[attr-defined]
        assert text not in report.get_traceback_text()
        assert text not in report.get_traceback_html()


@pytest.mark.parametrize("days", [0, -1, 10**9])
def test_the_command_refuses_a_token_that_is_good_for_no_time_or_for_ever(
    days: int, ben: User
) -> None:
    with pytest.raises(CommandError):
        call_command("create_token", "ben", "--days", str(days))
    with pytest.raises(ValidationError):
        tokens.create_token(ben, name="x", by=ben, expires_at=timezone.now())
    assert not Token.objects.exists()


def test_a_token_does_what_its_scopes_say(ben: User) -> None:
    _token, reading = tokens.create_token(ben, name="r", by=ben, scopes=["exports:read"])
    _other, writing = tokens.create_token(ben, name="w", by=ben, scopes=["exports:write"])
    refused = Client().post(
        "/api/v1/tickets/export",
        "{}",
        content_type="application/json",
        headers={"Authorization": f"Bearer {reading}"},
    )
    assert (refused.status_code, refused.json()["accepted"]) == (403, ["exports:write"])
    assert status(f"Bearer {writing}") == 403
