"""How soon the first byte of 1,000 rows comes: `python -m benchmarks.first_byte`.

Against the time that the same query needs by itself, on a connection that is open, its SQL made
before. A response is a job like any other: counted, logged, hashed, with a receipt.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from benchmarks import frame
from benchmarks.ways import COLUMNS, tickets

__all__ = ["main"]

ROWS = 1_000
ROUNDS = 25
FORMATS = ("csv", "ndjson", "json", "excel")
QUERY = "the query"


def main() -> None:
    """Fill a database, let query and formats take turns, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000, help="how many tickets there are")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with frame.demo_database(given.rows) as url:
        found = _measure(url)
    if given.json:
        print(json.dumps(found))
        return
    query = found[QUERY]
    rows = [(way, 1000 * took, 1000 * (took - query)) for way, took in found.items()]
    print(frame.table(("way", "ms to the first byte", "ms over the query"), rows))
    print(f"\n{ROWS:,} of {given.rows:,} tickets; {frame.machine()}")


def _measure(url: str) -> dict[str, float]:
    frame.set_up(url)
    chosen = _chosen()
    ways = {QUERY: _query(chosen)} | {name: _response(name, chosen) for name in FORMATS}
    for run in ways.values():
        run()  # the first time of each loads modules and plans
    took: dict[str, list[float]] = {way: [] for way in ways}
    for _round in range(ROUNDS):
        for way, run in ways.items():
            took[way].append(run())
    return {way: statistics.median(several) for way, several in took.items()}


def _chosen() -> dict[str, str]:
    """Give the filter of so many tickets in the middle of their times."""
    from desk.tickets.models import Ticket

    times = Ticket.objects.order_by("created_at").values_list("created_at", flat=True)
    begin = times.count() // 2
    return {
        "created_from": times[begin].isoformat(),
        "created_to": times[begin + ROWS].isoformat(),
    }


def _query(chosen: dict[str, str]) -> Callable[[], float]:
    """Give what runs the query by itself, whole, and says how many seconds it took."""
    from django.db import connection

    between = {"created_at__gte": chosen["created_from"], "created_at__lt": chosen["created_to"]}
    sql, params = tickets(None).filter(**between).query.sql_with_params()

    def run() -> float:
        with connection.cursor() as cursor:
            began = time.perf_counter()
            cursor.execute(sql, params)
            cursor.fetchall()
            return time.perf_counter() - began

    return run


def _response(fmt: str, chosen: dict[str, str]) -> Callable[[], float]:
    """Give what starts an export at once, and says how long its first byte took."""
    from django.contrib.auth import get_user_model

    from waybill import exports
    from waybill.jobs.request import Wish

    ada: Any = get_user_model().objects.get(username="ada")
    asked: dict[str, Any] = {"format": fmt, "columns": COLUMNS, "filters": chosen}

    def run() -> float:
        began = time.perf_counter()
        with closing(exports.stream("tickets", by=ada, wish=Wish(counted=False), **asked)) as file:
            pieces: Iterator[bytes] = iter(file)
            next(pieces)
            seconds = time.perf_counter() - began
            for _piece in pieces:
                pass
        return seconds

    return run


if __name__ == "__main__":
    main()
