"""How long the export dialog takes to open and to estimate: `python -m benchmarks.dialog`.

Both go through Django's test client, with middleware, templates and database, for an
administrator who exports all tickets, the open ones, and what a search finds. Milliseconds are
medians; one round before them warms caches up and does not count.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from typing import Any

from benchmarks import frame

__all__ = ["main"]

ROUNDS = 15
PAGES = ("dialog", "estimate")
ASKED: tuple[tuple[str, dict[str, str]], ...] = (
    ("everything", {"scope": "all"}),
    ("open ones", {"scope": "view", "f.is_open": "true"}),
    ("a search", {"scope": "view", "search": "printer"}),
)


def main() -> None:
    """Print the table, or with --json what it holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--here", action="store_true", help="read the database of DATABASE_URL")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.here:
        found = measured("", given.rounds)
    else:
        with frame.demo_database(given.rows) as url:
            found = measured(url, given.rounds)
    if given.json:
        print(json.dumps(found, indent=2))
        return
    print(frame.machine(), end="\n\n")
    head = ["what", "dialog ms", "at most", "estimate ms", "at most", "with preview ms", "at most"]
    print(frame.table(head, found))


def measured(url: str, rounds: int) -> list[list[Any]]:
    """Give a row for each kind of request."""
    frame.set_up(url)
    from django.conf import settings
    from django.core.management import call_command
    from django.test import Client
    from django.urls import reverse

    from desk.people.models import User
    from desk.tickets import search

    search.catch_up(3_600)
    settings.ALLOWED_HOSTS = ["testserver"]
    call_command("collectstatic", interactive=False, verbosity=0)
    person = next(
        one
        for one in User.objects.filter(is_active=True, is_admin=True)
        if "import_export_tickets" in one.rights
    )
    client = Client(headers={"HX-Request": "true"})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    dialog, estimate = (reverse(f"waybill:{name}", args=["tickets"]) for name in PAGES)

    def row(asked: dict[str, str]) -> list[float]:
        ways = (
            lambda: client.get(dialog, asked, secure=True),
            lambda: client.post(estimate, {"format": "csv", **asked}, secure=True),
            lambda: client.post(estimate, {"format": "csv", "preview": "on", **asked}, secure=True),
        )
        return [value for way in ways for value in timed(way, rounds)]

    return [[name, *row(asked)] for name, asked in ASKED]


def timed(ask: Callable[[], Any], rounds: int) -> tuple[float, float]:
    """Give the median and the longest of some answers, in milliseconds."""
    spent = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        answer = ask()
        spent.append((time.perf_counter() - began) * 1_000)
        if answer.status_code != 200:
            raise SystemExit(f"answered {answer.status_code}")
    return statistics.median(spent[1:]), max(spent[1:])


if __name__ == "__main__":
    main()
