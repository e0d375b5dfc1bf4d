"""CSV and Excel from SQLite and MariaDB, beside other ways to the same file.

`python -m benchmarks.portable [--rows 50000] [--rounds 3] [--databases sqlite,mariadb] [--json]`.
Every run is a process of its own; the rounds are interleaved, and the table shows medians.
"""

import argparse
import csv
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

__all__ = ["WAYS", "main", "measure"]

COLUMNS = (
    "id", "ticket_code", "subject", "description", "status", "priority", "type", "assigned_to",
    "created_by", "is_open", "is_resolved", "created_at", "due_date", "updated_at",
)  # fmt: skip
PATHS = {
    "status": "status__name",
    "priority": "priority__name",
    "type": "type__name",
    "assigned_to": "assigned_to__display_name",
    "created_by": "created_by__display_name",
}
WAYS = ("waybill csv", "values_list csv", "import-export csv", "waybill excel",
        "xlsxwriter excel", "import-export excel")  # fmt: skip
MOST_FOR_OTHERS = 50_000  # of the rows: more would take the others many minutes, or gigabytes


def main(arguments: list[str] | None = None) -> dict[str, Any]:
    """Fill the databases, measure every way in turn, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--databases", default="sqlite,mariadb")
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--child", default="", help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.child:
        child(given.child, given.rows)
        return {}
    found = {
        name: measure(name, given.rows, given.rounds, tuple(given.ways.split(",")))
        for name in given.databases.split(",")
    }
    print(json.dumps(found, indent=2) if given.json else table(found, given.rows))
    return found


def measure(name: str, rows: int, rounds: int, ways: tuple[str, ...]) -> dict[str, Any]:
    """Give seconds and growth in MB of each way on one database."""
    with tempfile.TemporaryDirectory(prefix="waybill-bench-") as folder:
        environment = {**os.environ, "DATABASE_URL": address(name, folder), "DESK_DATA_DIR": folder}
        run("fill", rows, environment)
        runs: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
        for _ in range(rounds):
            for way in ways:
                runs[way].append(run(way, rows, environment))
    return {
        way: {key: statistics.median(one[key] for one in several) for key in several[0]}
        for way, several in runs.items()
    }


def address(name: str, folder: str) -> str:
    """Give the address of an empty database of this benchmark."""
    if name == "sqlite":
        return f"sqlite:///{folder}/rows.db"
    from tests.plugins import mariadb

    socket = mariadb.settings("waybill_bench")["HOST"]
    return f"mysql://root@/waybill_bench?host={socket}&charset=utf8mb4"


def run(way: str, rows: int, environment: dict[str, str]) -> dict[str, float]:
    """Run one way in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.portable", "--child", way, "--rows", str(rows)]
    done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    measured: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return measured


def child(way: str, rows: int) -> None:
    """Do one thing and print what it took."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "desk.settings"
    django.setup()
    declare()
    task = TASKS[way]
    before = memory()
    started, used = time.perf_counter(), time.process_time()
    done = task(wanted(way, rows))
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    expected = wanted(way, rows)
    if done != expected:
        raise SystemExit(f"{way}: {done} rows instead of {expected}")
    grown = memory() - before
    measured = {"rows": done, "seconds": round(seconds, 3), "cpu": round(cpu, 3)}
    print(json.dumps({**measured, "growth_mb": round(grown, 1)}))


def wanted(way: str, rows: int) -> int:
    """Give the number of rows that a way is measured with."""
    return rows if way == "fill" or way.startswith("waybill") else min(rows, MOST_FOR_OTHERS)


def memory() -> float:
    """Give the most memory that this process has had so far, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def declare() -> None:
    """Register the export that is measured: 14 columns over five joins."""
    from desk.tickets.models import Ticket
    from waybill import Column, Export, register

    @register
    class BenchExport(Export):
        """Tickets as any host would declare them."""

        name = "bench_tickets"
        model = Ticket
        columns = [Column(key, path=PATHS.get(key, "")) for key in COLUMNS]

        def rows(self, user: Any, at: Any) -> Any:
            """Give every ticket."""
            return Ticket._base_manager.all()


def fill(rows: int) -> int:
    """Make the tables and their rows."""
    from django.db import connection

    from benchmarks import portable_rows

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")
    return portable_rows.fill(rows)


def waybill(fmt: str) -> int:
    """Write the file by Waybill, to the system's waste basket, hashed and counted."""
    from waybill import exports
    from waybill.values import ExportRequest, Options

    options = Options(zone="Europe/Berlin")
    request = ExportRequest(resource="bench_tickets", format=fmt, options=options)
    with Path(os.devnull).open("wb") as out:
        receipt = exports.write(exports.planned(request, by=None), out)
    return int(receipt["rows"])


def values(rows: int) -> Any:
    """Give so many rows as Django hands them out."""
    from desk.tickets.models import Ticket

    paths = [PATHS.get(key, key) for key in COLUMNS]
    return Ticket._base_manager.order_by("pk").values_list(*paths)[:rows].iterator()


def values_list(rows: int) -> int:
    """Write CSV by the standard library."""
    count = 0
    with Path(os.devnull).open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        for row in values(rows):
            writer.writerow(row)
            count += 1
    return count


def xlsxwriter_constant(rows: int) -> int:
    """Write a workbook by XlsxWriter in its mode of constant memory."""
    import xlsxwriter

    count = 0
    with tempfile.TemporaryFile() as out:
        book = xlsxwriter.Workbook(
            out, {"constant_memory": True, "remove_timezone": True, "strings_to_urls": False}
        )
        sheet = book.add_worksheet()
        for row in values(rows):
            sheet.write_row(count, 0, row)
            count += 1
        book.close()
    return count


def import_export(fmt: str, most: int) -> int:
    """Write the file by django-import-export."""
    from import_export import fields, resources

    from desk.tickets.models import Ticket

    class TicketResource(resources.ModelResource):
        """The same columns."""

        for key in COLUMNS:
            locals()[key] = fields.Field(attribute=PATHS.get(key, key), column_name=key)

        class Meta:
            model = Ticket
            fields = COLUMNS

    related = {path.split("__")[0] for path in PATHS.values()}
    rows = Ticket._base_manager.order_by("pk").select_related(*related)[:most]
    data = TicketResource().export(queryset=rows)
    data.export(fmt)
    return len(data)


TASKS = {
    "fill": fill,
    "waybill csv": lambda rows: waybill("csv"),
    "waybill excel": lambda rows: waybill("excel"),
    "values_list csv": values_list,
    "xlsxwriter excel": xlsxwriter_constant,
    "import-export csv": lambda rows: import_export("csv", rows),
    "import-export excel": lambda rows: import_export("xlsx", rows),
}


def table(found: dict[str, Any], rows: int) -> str:
    """Give the numbers as a Markdown table."""
    lines = [f"{rows:,} rows x {len(COLUMNS)} columns; CPU is the client's alone", "",
             "| database | way | rows | s | us a row | CPU us | grown by MB | times Waybill |",
             "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    for name, ways in found.items():
        for way, one in ways.items():
            own = ways.get(f"waybill {way.split()[-1]}", one)
            times = a_row(one, "seconds") / a_row(own, "seconds")
            lines.append(
                f"| {name} | {way} | {one['rows']:,.0f} | {one['seconds']:.2f} "
                f"| {a_row(one, 'seconds'):.1f} | {a_row(one, 'cpu'):.1f} "
                f"| {one['growth_mb']:.0f} | {times:.1f} |"
            )
    return "\n".join(lines)


def a_row(one: dict[str, float], key: str) -> float:
    """Give microseconds a row."""
    return one[key] / one["rows"] * 1e6


if __name__ == "__main__":
    main()
