"""The demo as somebody meets it who has just typed `make run`."""

import re
from collections.abc import Callable
from http.cookiejar import CookieJar
from urllib import parse, request

import pytest

from tests.plugins.desk_up import DeskUp

LOG_IN = re.compile(r"^(ada|ben|cleo|dan) +(\S+) +(\S.*)$")


def _log_ins(up: DeskUp) -> dict[str, str]:
    before_ready = up.lines[: up.lines.index(f"Desk is ready at {up.url}")]
    found = [LOG_IN.match(line) for line in before_ready]
    return {match[1]: match[2] for match in found if match}


def _log_in(up: DeskUp, name: str, password: str) -> str:
    """Log in as a browser does, and give the page of tickets."""
    cookies = CookieJar()
    browser = request.build_opener(request.HTTPCookieProcessor(cookies))
    with browser.open(f"{up.url}/staff/tickets/") as answer:
        page, address = answer.read().decode(), answer.url
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token, page
    fields = {"username": name, "password": password, "csrfmiddlewaretoken": token[1]}
    asked = request.Request(address, parse.urlencode(fields).encode(), {"Referer": address})
    with browser.open(asked):
        pass
    with browser.open(f"{up.url}/staff/tickets/") as answer:
        assert answer.url == f"{up.url}/staff/tickets/"
        return str(answer.read().decode())


@pytest.mark.timeout(600)
def test_the_four_log_ins_are_printed_at_every_start_and_lead_to_tickets(
    start_desk: Callable[..., DeskUp],
) -> None:
    up = start_desk("--demo", "--workers", "1")
    up.wait_until_ready()
    printed = _log_ins(up)

    assert list(printed) == ["ada", "ben", "cleo", "dan"]
    # What somebody sees first are sentences, not a log.
    assert not [
        line
        for line in up.lines[: up.lines.index(f"Desk is ready at {up.url}")]
        if " INFO " in line
    ]
    for name, password in printed.items():
        assert len(re.findall(r"/staff/tickets/\d+/", _log_in(up, name, password))) > 10

    up.end()
    again = start_desk("--demo", "--workers", "1")
    again.wait_until_ready()
    assert _log_ins(again) == printed
