"""Files from PostgreSQL: Waybill beside a plain COPY and beside what others do.

`python -m benchmarks.exports [--rows N] [--json] [--charts FOLDER]`. Each run is a process of its
own, the rounds are interleaved, the table shows medians. Slow ways run once, over fewer rows.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import charts, frame
from benchmarks.ways import WAYS, timed

__all__ = ["main"]

FLOOR = "plain COPY"
ROUNDS = 3
# Of these so many rows are enough to know what a row costs.
FEWER = {
    "django-import-export, CSV": 50_000,
    "django-import-export, Excel": 50_000,
    "XlsxWriter, constant memory": 200_000,
    "openpyxl, write-only": 200_000,
}
SLOW = {"values_list and csv.writer", *FEWER}
HEAD = ("way", "rows", "s", "us a row", "times plain COPY a row", "memory + MB", "file MB")


def main() -> None:
    """Fill a database, let the ways take turns, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--slow-rows", type=int, default=200_000, help="at most, for slow ways")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--charts", type=Path, help="a folder for a chart of each format")
    parser.add_argument("--child", choices=WAYS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        _child(given.child, given.rows)
        return
    with frame.demo_database(given.rows) as url:
        found = _measure(url, given.rows, given.rounds, given.slow_rows)
    if given.charts:
        charts.draw(found, given.charts)
    if given.json:
        print(json.dumps({"rows": given.rows, "machine": frame.machine(), "ways": found}))
        return
    print(frame.table(HEAD, [_row(name, one, found[FLOOR]) for name, one in found.items()]))
    print(f"\n{given.rows:,} tickets x 14 columns over five joins; {frame.machine()}")


def _measure(url: str, rows: int, rounds: int, slow_rows: int) -> dict[str, dict[str, float]]:
    fewer = {way: min(rows, most, slow_rows) for way, most in FEWER.items()}
    runs: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for turn in range(rounds):
        for way in WAYS:
            if turn == 0 or way not in SLOW:
                runs[way].append(_run(url, way, fewer.get(way, rows)))
    return {
        way: {key: statistics.median(one[key] for one in several) for key in several[0]}
        for way, several in runs.items()
    }


def _run(url: str, way: str, rows: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.exports", "--child", way, "--rows", str(rows)]
    variables = {**os.environ, "DATABASE_URL": url}
    done = subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, check=True)
    return {"rows": rows, **json.loads(done.stdout.splitlines()[-1])}


def _child(way: str, rows: int) -> None:
    frame.set_up()
    from django.db import connection

    import waybill.exports  # noqa: F401 - what is imported once belongs to the idle figure

    connection.ensure_connection()
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder:
        print(json.dumps(timed(way, Path(folder) / "file", rows)))


def _row(name: str, one: dict[str, float], floor: dict[str, float]) -> tuple[Any, ...]:
    cost = one["seconds"] / one["rows"]
    times = cost / (floor["seconds"] / floor["rows"])
    sizes = (float(one["growth"]), float(one["megabytes"]))
    return (name, int(one["rows"]), one["seconds"], cost * 1e6, times, *sizes)


if __name__ == "__main__":
    main()
