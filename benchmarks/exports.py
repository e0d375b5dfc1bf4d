"""Files from PostgreSQL: Waybill beside a plain COPY and beside what others do.

`python -m benchmarks.exports [--rows N] [--ways NAME...] [--json] [--charts FOLDER] [--into PAGE]`.
Each run is a process of its own, the rounds are interleaved, the table shows medians. Slow ways run
once, over fewer rows. `make numbers` writes the table into the README and the reference.
"""

import argparse
import json
from pathlib import Path
from typing import Any

from benchmarks import charts, frame, turns
from benchmarks.ways import WAYS

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
SLOW = frozenset({"values_list and csv.writer", *FEWER})
HEAD = ("way", "rows", "s", "µs a row", "times plain COPY a row", "memory + MB", "file MB")


def main() -> None:
    """Fill a database, let the ways take turns, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--slow-rows", type=int, default=200_000, help="at most, for slow ways")
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS), metavar="WAY")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--charts", type=Path, help="a folder for a chart of each format")
    parser.add_argument("--into", type=Path, action="append", default=[], metavar="PAGE")
    given = parser.parse_args()
    fewer = {way: min(given.rows, most, given.slow_rows) for way, most in FEWER.items()}
    wanted = {way: fewer.get(way, given.rows) for way in dict.fromkeys((FLOOR, *given.ways))}
    with frame.demo_database(given.rows) as url:
        found = turns.medians(url, wanted, rounds=given.rounds, once=SLOW)
    if given.charts:
        charts.draw(found, given.charts)
    if given.json:
        print(json.dumps({"rows": given.rows, "machine": frame.machine(), "ways": found}))
        return
    shown = frame.table(HEAD, [_row(name, one, found[FLOOR]) for name, one in found.items()])
    shown += f"\n\n{given.rows:,} tickets x 14 columns over five joins; {frame.machine()}"
    print(shown)
    for page in given.into:
        frame.put(shown, "exports", page)


def _row(name: str, one: dict[str, float], floor: dict[str, float]) -> tuple[Any, ...]:
    cost = one["seconds"] / one["rows"]
    times = cost / (floor["seconds"] / floor["rows"])
    sizes = (float(one["growth"]), float(one["megabytes"]))
    return (name, int(one["rows"]), one["seconds"], cost * 1e6, times, *sizes)


if __name__ == "__main__":
    main()
