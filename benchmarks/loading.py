"""How many tickets a second `desk load_tickets` loads: `python -m benchmarks.loading [FILE ...]`.

Lines like those of the demo, without comments and with three each; or the files that are named,
one after the other. Each is loaded into an empty desk; the numbers are medians of three rounds.
The index of words, which is made afterwards, is left out.
"""

import argparse
import contextlib
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from benchmarks import frame

__all__ = ["main"]

ROUNDS = 3
NAME = "desk_bench_loading"
HEAD = ("what", "tickets", "comments", "s", "CPU s of Python", "tickets a second")
EMPTY = """
    TRUNCATE tickets_ticket CASCADE;
    TRUNCATE tickets_ticketwords, tickets_wordswaiting;
    DELETE FROM tickets_tag
"""


def main() -> None:
    """Print the table, or with --json its rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    parser.add_argument("--rows", type=int, default=20_000, help="lines of each kind made up")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="desk-loading-") as folder, empty_database() as url:
        files = given.files or written(Path(folder), min(given.rows, 100_000))
        rows = measured(url, files)
    print(json.dumps(rows) if given.json else frame.table(HEAD, rows) + "\n\n" + frame.machine())


@contextlib.contextmanager
def empty_database() -> Iterator[str]:
    """Give the address of a database of our own with Desk's tables, dropped afterwards."""
    import psycopg

    with frame.database() as address:
        with psycopg.connect(address, autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS {NAME}")
            server.execute(f"CREATE DATABASE {NAME}")
        try:
            yield urlunsplit(urlsplit(address)._replace(path=f"/{NAME}"))
        finally:
            from django.db import connection

            connection.close()
            with psycopg.connect(address, autocommit=True) as server:
                server.execute(f"DROP DATABASE {NAME}")


def measured(url: str, files: list[Path]) -> list[list[Any]]:
    """Give a row for each file loaded into an empty desk."""
    frame.set_up(url)
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    return [loaded(file) for file in files]


def loaded(file: Path) -> list[Any]:
    """Load a file some times, each time into an empty desk."""
    from django.db import connection
    from django.utils.timezone import now

    from desk.demo.load.tickets import load_tickets

    spent: list[tuple[float, float]] = []
    for _round in range(ROUNDS):
        with connection.cursor() as cursor:
            cursor.execute(EMPTY)
            cursor.execute("CHECKPOINT")
        began, busy = time.perf_counter(), time.process_time()
        report = load_tickets(file, source=file.name, now=now())
        spent.append((time.perf_counter() - began, time.process_time() - busy))
    seconds, cpu = (statistics.median(several) for several in zip(*spent, strict=True))
    rate = report.added / seconds
    return [file.name, report.added, report.comments, seconds, cpu, rate]


def written(folder: Path, rows: int) -> list[Path]:
    """Write the two kinds of lines."""
    from desk.demo.make.cases import make_cases

    cases = make_cases(2_000, seed=1)
    files = []
    for name, comments in (("demo-like", 0), ("demo-like, 3 comments each", 3)):
        file = folder / name
        with file.open("w") as lines:
            for number in range(rows):
                line = made(number, cases[number % len(cases)], comments)
                lines.write(json.dumps(line, ensure_ascii=False) + "\n")
        files.append(file)
    return files


def made(number: int, case: Any, comments: int) -> dict[str, Any]:
    """Make a line: every field filled, texts of the demo."""
    at = f"2026-{number % 12 + 1:02}-{number % 28 + 1:02}T{number % 24:02}:30:00Z"
    said = [
        {"author": f"Person {(number + n) % 300}", "created_at": at, "body": case.description}
        for n in range(comments)
    ]
    return {
        "id": number,
        "ticket_code": f"LOAD-{number}",
        "subject": case.subject,
        "description": case.description,
        "status": ("Open", "Waiting", "Closed")[number % 3],
        "priority": ("Low", "Normal", "High")[number % 3],
        "type": case.type,
        "assigned_to": f"Person {number % 40}",
        "created_by": f"Person {number % 300}",
        "is_open": number % 3 < 2,
        "is_resolved": number % 3 == 2,
        "created_at": at,
        "due_date": at,
        "updated_at": at,
        "tags": list(case.tags),
        "comments": said,
    }


if __name__ == "__main__":
    main()
