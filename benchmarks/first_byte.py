"""How soon the first byte of 1,000 rows comes: `python -m benchmarks.first_byte`.

Against the time that the same query needs by itself; the two take turns.
"""

import argparse
import json
from collections.abc import Callable

from benchmarks import frame
from benchmarks.ways import COLUMNS, tickets

__all__ = ["main"]

ROWS = 1_000
ROUNDS = 25
FORMATS = ("csv", "ndjson", "json", "excel")


class _FirstByte(Exception):
    """The first byte came."""


class _Doorstep:
    """A file that takes no more than one byte."""

    def write(self, data: bytes) -> int:
        """Stop at the first."""
        if data:
            raise _FirstByte
        return 0


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
    query = found["the query"]
    rows = [(way, 1000 * took, 1000 * (took - query)) for way, took in found.items()]
    print(frame.table(("way", "ms to the first byte", "ms over the query"), rows))


def _measure(url: str) -> dict[str, float]:
    frame.set_up(url)
    ways = {"the query": _query} | {name: _until(name) for name in FORMATS}
    for run in ways.values():
        run()  # the first time of each loads modules and plans
    return frame.interleaved(ways, rounds=ROUNDS)


def _query() -> None:
    list(tickets(ROWS))


def _until(fmt: str) -> Callable[[], None]:
    from waybill import exports
    from waybill.values import ExportRequest

    chosen = tuple(row[0] for row in tickets(ROWS))

    def run() -> None:
        request = ExportRequest(resource="tickets", format=fmt, columns=COLUMNS, selected=chosen)
        try:
            exports.write(exports.planned(request, by=None), _Doorstep())
        except _FirstByte:
            return
        raise SystemExit(f"{fmt}: no byte came")

    return run


if __name__ == "__main__":
    main()
