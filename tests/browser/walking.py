"""What the walks through exports share: rows to export, the dialog, and a worker to hold still."""

import csv
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, connections
from playwright.sync_api import Page, expect

from waybill.jobs import queries
from waybill.models import ExportJob
from waybill.shortid import to_short
from waybill.work.run import run

__all__ = [
    "HOLD",
    "choose",
    "job",
    "let_go",
    "many",
    "name_of",
    "press",
    "ran",
    "rows_of",
    "running",
    "strike",
]

HOLD = "tests.browser.walking.strike"  # the setting fault_hook: stands still between two rows

_reached = threading.Event()
_released = threading.Event()


def many(count: int) -> None:
    """Make so many open tickets."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_ticket"
            " (ticket_code, subject, is_open, is_resolved, created_at, source)"
            " SELECT 'M-' || n, 'Ticket ' || n, true, false, now(), ''"
            " FROM generate_series(1, %s) AS n",
            [count],
        )


def choose(page: Page, form: str = "CSV", *, what: str = "tickets") -> None:
    """Open the dialog from the list and choose a format."""
    page.get_by_role("button", name="Export", exact=False).first.click()
    expect(page.get_by_role("heading", name=f"Export {what}")).to_be_visible()
    page.get_by_label(form, exact=False).first.check()
    expect(page.locator("#estimate")).to_contain_text("row")


def press(page: Page) -> None:
    """Press the dialog's Export."""
    page.locator("form.export button.primary").click()


def job() -> ExportJob:
    """Give the only export there is."""
    return queries.get(ExportJob.objects.values_list("pk", flat=True).get())


def name_of(made: ExportJob) -> str:
    """Name an export as addresses do."""
    return to_short(made.pk)


def ran() -> ExportJob:
    """Do a worker's part for the only export there is."""
    run(str(job().pk))
    return job()


def rows_of(path: Path) -> list[list[str]]:
    """Read a CSV file."""
    return [*csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""))]


def let_go() -> None:
    """Let the worker that stands still go on, and no other stop."""
    _released.set()


def strike(point: str, job_id: object, rows: int) -> None:
    """Stand still once rows flow, until the test lets go."""
    if point == "rows":
        _reached.set()
        _released.wait(60)


@contextmanager
def running(made: ExportJob) -> Iterator[None]:
    """Let a worker stand in the middle of an export while the block runs, then go on to its end."""
    _reached.clear()
    _released.clear()

    def work() -> None:
        try:
            run(str(made.pk))
        finally:
            connections.close_all()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        assert _reached.wait(60)
        yield
    finally:
        _released.set()
        worker.join(60)
