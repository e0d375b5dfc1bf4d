"""What a million rows of thirty columns take of memory, in every format from every database.

`python -m benchmarks.memory [--rows 1000000] [--databases sqlite] [--formats csv]`. Each run is a
process of its own that may grow by 300 MiB and no more: one that wants more fails.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks import frame, portable, ways

__all__ = ["main", "written"]

ROWS = 1_000_000
WIDE = 30
ROOM = 300 * 1024 * 1024  # bytes
FORMATS = ("csv", "ndjson", "json", "excel")
DATABASES = ("postgresql", "sqlite", "mariadb")
HEAD = ("database", "format", "rows", "memory + MB", "file MB", "s")


def main() -> None:
    """Fill the databases, write every file, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES))
    parser.add_argument("--formats", nargs="+", choices=FORMATS, default=list(FORMATS))
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = []
    for name in given.databases:
        with _filled(name, given.rows) as url:
            for fmt in given.formats:
                found.append({"database": name, "format": fmt, **_run(url, fmt, given.rows)})
                print(json.dumps(found[-1]), file=sys.stderr)
    if given.json:
        print(json.dumps(found))
        return
    order = ("database", "format", "rows", "growth", "megabytes", "seconds")
    print(frame.table(HEAD, [[one[key] for key in order] for one in found]))
    print(f"\n{WIDE} columns, {ROOM // 1024 // 1024} MiB to grow by; {frame.machine()}")


@contextmanager
def _filled(name: str, rows: int) -> Iterator[str]:
    made = frame.demo_database(rows) if name == "postgresql" else portable.filled(name, rows)
    with made as url:
        yield url


def _run(url: str, fmt: str, rows: int) -> dict[str, Any]:
    code = f"from benchmarks import memory; memory.written({fmt!r}, {rows})"
    variables = {**os.environ, "DATABASE_URL": url}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def written(fmt: str, rows: int) -> None:
    """Write the file in this process within its bounds, and print what it took as JSON."""
    frame.set_up()
    from django.db import connection

    from waybill import exports
    from waybill.values import ExportRequest

    connection.ensure_connection()
    request = ExportRequest(resource=_declared(), format=fmt)
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder:
        limit = _status("VmSize") + ROOM
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        path = Path(folder) / "file"
        took = ways.took(
            lambda: int(exports.write_file(request, path, by=None)["rows"]), path, rows
        )
    print(json.dumps({"rows": rows, **took}))


def _declared() -> str:
    """Name an export of thirty columns."""
    from desk.tickets.models import Ticket
    from waybill import Column, Export, register

    keys = [ways.COLUMNS[number % len(ways.COLUMNS)] for number in range(WIDE)]

    @register
    class WideExport(Export):
        """Every column of a ticket, twice and a bit."""

        name = "bench_wide"
        model = Ticket
        columns = [
            Column(f"{key}_{number}", path=ways.PATHS.get(key, key))
            for number, key in enumerate(keys)
        ]

        def rows(self, user: Any, at: Any) -> Any:
            """Give every ticket."""
            return Ticket._base_manager.all()

    return WideExport.name


def _status(name: str) -> int:
    """Read a figure of this process, in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition(f"{name}:")[2].split()[0]) * 1024


if __name__ == "__main__":
    main()
