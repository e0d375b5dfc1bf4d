"""What the environment says is understood, and what cannot be understood is said."""

import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from desk import addresses, env

Set = Callable[..., None]


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Set:
    """Set variables of the environment for one test."""

    def put(**variables: str) -> None:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return put


def test_a_database_address_is_taken_apart() -> None:
    url = "postgresql://d%40sk:s%2Fcret@db.example.org:6432/help%20desk?sslmode=require"

    assert addresses.database(url) == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "help desk",
        "USER": "d@sk",
        "PASSWORD": "s/cret",
        "HOST": "db.example.org",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require"},
    }


def test_a_database_address_may_name_a_folder_of_sockets() -> None:
    made = addresses.database("postgresql://postgres@/desk?host=/run/postgresql")

    assert (made["HOST"], made["PORT"], made["OPTIONS"]) == ("/run/postgresql", "", {})


@pytest.mark.parametrize(
    ("url", "name"),
    [("sqlite://", ":memory:"), ("sqlite:///a.db", "a.db"), ("sqlite:////var/a.db", "/var/a.db")],
)
def test_an_sqlite_address_names_a_file(url: str, name: str) -> None:
    assert addresses.database(url)["NAME"] == name


@pytest.mark.parametrize("url", ["oracle://x/y", "db.example.org", "postgresql://h:70000/x"])
def test_a_database_address_that_cannot_be_understood_is_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        addresses.database(url)


@pytest.mark.parametrize(
    ("url", "port", "tls", "ssl"),
    [
        ("smtp://mail.example.org", 25, False, False),
        ("smtp+tls://mail.example.org", 587, True, False),
        ("smtps://mail.example.org:4650", 4650, False, True),
    ],
)
def test_a_mail_address_says_how_it_is_secured(url: str, port: int, tls: bool, ssl: bool) -> None:
    options = addresses.mailer(url)["OPTIONS"]

    assert (options["port"], options["use_tls"], options["use_ssl"]) == (port, tls, ssl)


def test_a_mail_address_that_cannot_be_understood_is_refused() -> None:
    with pytest.raises(ImproperlyConfigured, match="MAIL_URL"):
        addresses.mailer("imap://mail.example.org")


@pytest.mark.parametrize("word", ["yes", "True", "1", "on"])
def test_yes_is_yes(given: Set, word: str) -> None:
    given(DESK_JSON_LOGS=word)

    assert env.flag("DESK_JSON_LOGS")


def test_what_is_neither_yes_nor_no_is_refused(given: Set) -> None:
    given(DESK_JSON_LOGS="perhaps")

    with pytest.raises(ImproperlyConfigured, match="yes or no"):
        env.flag("DESK_JSON_LOGS")


def test_what_is_no_number_is_refused(given: Set) -> None:
    given(PORT="eighty")

    with pytest.raises(ImproperlyConfigured, match="whole number"):
        env.number("PORT", 8000)


def test_words_are_parted_by_commas_or_spaces(given: Set) -> None:
    given(ALLOWED_HOSTS="a.example, b.example  c.example")

    assert env.words("ALLOWED_HOSTS") == ["a.example", "b.example", "c.example"]


def test_a_key_is_made_once_and_is_for_its_owner_only(given: Set, tmp_path: Path) -> None:
    given(DESK_DATA_DIR=str(tmp_path / "var"))

    first = env.key("SOME_KEY")

    assert len(first) > 50
    assert env.key("SOME_KEY") == first
    assert stat.S_IMODE((tmp_path / "var/keys/some_key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "var/keys").stat().st_mode) == 0o700


def test_commands_that_start_together_get_the_same_key(tmp_path: Path) -> None:
    code = "from desk import env; print(env.key('SOME_KEY'))"
    variables = {**os.environ, "DESK_DATA_DIR": str(tmp_path)}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code], env=variables, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]

    assert len({process.communicate()[0] for process in started}) == 1


def test_a_key_given_by_the_environment_is_not_kept(given: Set, tmp_path: Path) -> None:
    given(DESK_DATA_DIR=str(tmp_path / "var"), SOME_KEY="from outside")

    assert env.key("SOME_KEY") == "from outside"
    assert not (tmp_path / "var").exists()


def test_a_key_that_cannot_be_kept_says_where_and_what_helps(given: Set, tmp_path: Path) -> None:
    (tmp_path / "var").write_text("a file")
    given(DESK_DATA_DIR=str(tmp_path / "var"))

    with pytest.raises(ImproperlyConfigured, match=r"DESK_DATA_DIR"):
        env.key("SOME_KEY")


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ("", []),
        ("no", []),
        ("yes", ["127.0.0.0/8", "::1/128"]),
        ("10.0.0.7, fd00::/8", ["10.0.0.7/32", "fd00::/8"]),
    ],
)
def test_proxies_are_named_by_address_or_network(given: Set, said: str, read: list[str]) -> None:
    given(DESK_PROXY=said)

    assert [str(one) for one in env.networks("DESK_PROXY")] == read


@pytest.mark.parametrize("said", ["perhaps", "10.0.0.1/8", "proxy.example.org"])
def test_a_proxy_that_is_no_address_is_refused(given: Set, said: str) -> None:
    given(DESK_PROXY=said)

    with pytest.raises(ImproperlyConfigured, match=r"DESK_PROXY: .* would be accepted"):
        env.networks("DESK_PROXY")


def test_the_quota_of_all_files_comes_from_the_environment(given: Set) -> None:
    given(DESK_QUOTA_BYTES="5000000000")
    code = "from desk import settings; print(settings.WAYBILL['quota_bytes'])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "5000000000\n"
