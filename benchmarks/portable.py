"""CSV and Excel from SQLite and MariaDB, beside other ways to the same file.

`python -m benchmarks.portable [--rows 50000] [--rounds 3] [--databases sqlite mariadb] [--json]`.
Every run is a process of its own; the rounds are interleaved, and the table shows medians.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks import frame, turns
from benchmarks.ways import COLUMNS

__all__ = ["filled", "main"]

WAYS = (
    "Waybill, CSV",
    "values_list and csv.writer",
    "django-import-export, CSV",
    "Waybill, Excel",
    "XlsxWriter, constant memory",
    "django-import-export, Excel",
)
OURS = {"CSV": WAYS[0], "Excel": WAYS[3]}
MOST_FOR_OTHERS = 50_000  # of the rows: more would take the others many minutes, or gigabytes
HEAD = ("database", "way", "rows", "s", "us a row", "CPU us a row", "memory + MB", "times Waybill")


def main() -> None:
    """Fill the databases, let the ways take turns, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--databases", nargs="+", choices=ADDRESSES, default=list(ADDRESSES))
    parser.add_argument("--ways", nargs="+", choices=WAYS, default=list(WAYS), metavar="WAY")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    others = min(given.rows, MOST_FOR_OTHERS)
    wanted = {way: given.rows if way in OURS.values() else others for way in given.ways}
    found = {}
    for name in given.databases:
        with filled(name, given.rows) as url:
            found[name] = turns.medians(url, wanted, rounds=given.rounds, once=frozenset())
    if given.json:
        print(json.dumps({"rows": given.rows, "machine": frame.machine(), "databases": found}))
        return
    rows = [_row(name, way, ways) for name, ways in found.items() for way in ways]
    print(frame.table(HEAD, rows))
    print(f"\n{given.rows:,} tickets x {len(COLUMNS)} columns over five joins; {frame.machine()}")
    print("CPU is the client's alone: MariaDB's server has its own.")


@contextmanager
def filled(name: str, rows: int) -> Iterator[str]:
    """Give the address of a database with so many tickets."""
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder:
        url = ADDRESSES[name](folder)
        variables = {**os.environ, "DATABASE_URL": url, "DESK_DATA_DIR": folder}
        command = [sys.executable, "-m", "benchmarks.portable_rows", str(rows)]
        subprocess.run(command, env=variables, check=True)
        yield url


def _mariadb(folder: str) -> str:
    from tests.plugins import mariadb

    socket = mariadb.settings("waybill_bench")["HOST"]
    return f"mysql://root@/waybill_bench?host={socket}&charset=utf8mb4"


ADDRESSES = {"sqlite": lambda folder: f"sqlite:///{folder}/rows.db", "mariadb": _mariadb}


def _row(name: str, way: str, ways: turns.Found) -> tuple[Any, ...]:
    one = ways[way]
    own = ways.get(OURS["CSV" if "csv" in way.lower() else "Excel"], one)
    cost, cpu = (one[key] / one["rows"] * 1e6 for key in ("seconds", "cpu"))
    times = cost / (own["seconds"] / own["rows"] * 1e6)
    return (name, way, int(one["rows"]), one["seconds"], cost, cpu, one["growth"], times)


if __name__ == "__main__":
    main()
