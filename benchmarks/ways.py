"""The ways to a file that the benchmarks compare: ours, the floor, and what others do.

A way is a function of (file, rows) that writes so many tickets to the file and gives how many.
"""

import csv
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

__all__ = ["COLUMNS", "PATHS", "WAYS", "memory", "tickets", "timed", "took"]

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


def timed(way: str, path: Path, rows: int) -> dict[str, float]:
    """Run a way once; give its seconds, processor time, and by how many MB memory grew."""
    return took(lambda: WAYS[way](path, rows), path, rows)


def took(write: Callable[[], int], path: Path, rows: int) -> dict[str, float]:
    """Run what writes a file of so many rows; give seconds, processor time, growth and size."""
    Path("/proc/self/clear_refs").write_text("5")  # what importing needed is no peak of the way
    before = memory()
    began, used = time.perf_counter(), time.process_time()
    done = write()
    seconds, cpu = time.perf_counter() - began, time.process_time() - used
    if done != rows:
        raise SystemExit(f"{path.name}: {done} rows instead of {rows}")
    size = path.stat().st_size / 1e6
    return {"seconds": seconds, "cpu": cpu, "growth": memory() - before, "megabytes": size}


def memory() -> float:
    """Give the most memory that this process has had since the peak was last cleared, in MB."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def tickets(rows: int | None) -> Any:
    """Give so many tickets, None for all, with the names of what they point at, by key."""
    from desk.tickets.models import Ticket

    paths = [PATHS.get(key, key) for key in COLUMNS]
    return Ticket._base_manager.order_by("pk").values_list(*paths)[:rows]


def _waybill(fmt: str, path: Path, rows: int) -> int:
    """Write by Waybill: guard, local times, hash, three counts and the signed receipt included."""
    from waybill import exports
    from waybill.values import ExportRequest, Options

    options = Options(zone="Europe/Berlin")
    request = ExportRequest(resource=_declared(), format=fmt, columns=COLUMNS, options=options)
    return int(exports.write_file(request, path, by=None)["rows"])


def _declared() -> str:
    """Name the export: Desk's own, or off PostgreSQL, where Desk does not run, a plain one."""
    from django.db import connection

    if connection.vendor == "postgresql":
        return "tickets"
    from desk.tickets.models import Ticket
    from waybill import Column, Export, register

    @register
    class BenchExport(Export):
        """The same columns as any host would declare them."""

        name = "bench_tickets"
        model = Ticket
        columns = [Column(key, path=PATHS.get(key, "")) for key in COLUMNS]

        def rows(self, user: Any, at: Any) -> Any:
            """Give every ticket."""
            return Ticket._base_manager.all()

    return BenchExport.name


def _floor(path: Path, rows: int) -> int:
    """Write by one plain COPY through psycopg, which is as fast as a client can."""
    from django.db import connection

    sql, params = tickets(rows).query.sql_with_params()
    with path.open("wb") as out, connection.cursor() as cursor:
        copying = f"COPY ({sql}) TO STDOUT (FORMAT csv, HEADER)"
        with cursor.cursor.copy(copying, params) as copy:
            for data in copy:
                out.write(data)
        return int(cursor.cursor.rowcount)


def _values_list(path: Path, rows: int) -> int:
    """Write CSV by the standard library from Django's rows."""
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        count = 0
        for row in tickets(rows).iterator():
            writer.writerow(row)
            count += 1
    return count


def _plain(rows: int) -> Iterator[list[Any]]:
    """Give rows of what a workbook can hold: its times have no zone."""
    for row in tickets(rows).iterator():
        yield [cell.replace(tzinfo=None) if hasattr(cell, "tzinfo") else cell for cell in row]


def _xlsxwriter(path: Path, rows: int) -> int:
    """Write a workbook by XlsxWriter in its mode of constant memory."""
    import xlsxwriter

    wanted = {"constant_memory": True, "strings_to_urls": False, "strings_to_formulas": False}
    book = xlsxwriter.Workbook(path, wanted)
    sheet = book.add_worksheet()
    when = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    count = 0
    for count, row in enumerate(_plain(rows), 1):
        for place, cell in enumerate(row):
            if hasattr(cell, "year"):
                sheet.write_datetime(count, place, cell, when)
            else:
                sheet.write(count, place, cell)
    book.close()
    return count


def _openpyxl(path: Path, rows: int) -> int:
    """Write a workbook by openpyxl in its write-only mode."""
    import openpyxl
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet()
    count = 0
    for row in _plain(rows):
        count += 1
        sheet.append(
            [ILLEGAL_CHARACTERS_RE.sub("", cell) if isinstance(cell, str) else cell for cell in row]
        )
    book.save(path)
    return count


def _import_export(fmt: str, path: Path, rows: int) -> int:
    """Write by django-import-export."""
    from import_export import fields, resources

    from desk.tickets.models import Ticket

    class TicketResource(resources.ModelResource):
        """The same columns."""

        for key in COLUMNS:
            locals()[key] = fields.Field(attribute=PATHS.get(key, key), column_name=key)

        class Meta:
            model = Ticket
            fields = COLUMNS

    related = {name.split("__")[0] for name in PATHS.values()}
    queryset = Ticket._base_manager.order_by("pk").select_related(*related)[:rows]
    data = TicketResource().export(queryset=queryset)
    text = data.export(fmt)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return len(data)


WAYS = {
    "plain COPY": _floor,
    "Waybill, CSV": lambda path, rows: _waybill("csv", path, rows),
    "Waybill, Excel": lambda path, rows: _waybill("excel", path, rows),
    "Waybill, JSON": lambda path, rows: _waybill("json", path, rows),
    "Waybill, NDJSON": lambda path, rows: _waybill("ndjson", path, rows),
    "values_list and csv.writer": _values_list,
    "django-import-export, CSV": lambda path, rows: _import_export("csv", path, rows),
    "django-import-export, Excel": lambda path, rows: _import_export("xlsx", path, rows),
    "XlsxWriter, constant memory": _xlsxwriter,
    "openpyxl, write-only": _openpyxl,
}
