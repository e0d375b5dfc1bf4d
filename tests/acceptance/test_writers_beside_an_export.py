"""People write to the tables that a worker exports for a minute, on each database (G6)."""

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext

import pytest
from django.db import connections, transaction
from django_tasks_db.models import DBTaskResult

from tests.factories.faults import fault
from tests.factories.jobs import requested
from tests.factories.workers import until, workers
from tests.plugins.jobdatabases import routed
from tests.sample.models import Wagon
from waybill.models import ExportJob
from waybill.values import ExportRequest

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(400),
    pytest.mark.slow(110),
]

WAGONS = ExportRequest(resource="wagons", format="ndjson")
ROWS = 64_000  # 19 chunks of 256 KiB: with the pause after each the export takes over a minute
PAUSE_SECONDS = 3.3
WRITES, A_SECOND = 1_200, 20


@pytest.fixture
def aliases(request):
    """Make the databases; gives their names."""
    return ["default", *(request.getfixturevalue(name) for name in ("_sqlite", "_mariadb"))]


def test_twenty_writes_a_second_meet_no_error_beside_an_export_of_a_minute(
    aliases, fresh_folder, settings, django_db_blocker, tmp_path
):
    paced = fault("pace", "rows", tmp_path, seconds=PAUSE_SECONDS)
    with ExitStack() as running, ThreadPoolExecutor(3) as people:
        running.enter_context(django_db_blocker.unblock())
        found = {}
        for alias in aliases:
            with nullcontext() if alias == "default" else routed(alias, settings):
                job = filled()
                running.enter_context(workers(1, **paced))
            found[alias] = people.submit(beside, alias, job)
        for alias, writing in found.items():
            job, waits = writing.result()
            sys.stdout.write(f"{alias}: p99 of {len(waits)} writes {1000 * p99(waits):.0f} ms\n")
            assert (job.status, job.attempt, job.file.rows) == ("completed", 1, ROWS)
            assert len(waits) >= WRITES * 0.9


def filled():
    """Fill the table, and ask for its rows; nothing else waits in the queue."""
    Wagon.objects.all().delete()
    DBTaskResult.objects.all().delete()
    rows = (Wagon(id=number, word="x" * 50) for number in range(ROWS))
    Wagon.objects.bulk_create(rows, batch_size=5_000)
    return requested(None, request=WAGONS)


def beside(alias, job):
    """Write while the export runs; gives it, ended, and the seconds that each write took.

    A write that is late is made up for: none is left out, each counts from when it was due.
    """

    def now():
        return ExportJob.objects.using(alias).select_related("file").get(pk=job.pk)

    try:
        until(lambda: now().exported_items)
        waits, start = [], time.monotonic()
        for number in range(WRITES):
            due = start + number / A_SECOND
            time.sleep(max(0, due - time.monotonic()))
            write(alias, number)
            if number % A_SECOND == 0 and now().status != "processing":
                break
            waits.append(time.monotonic() - due)
        until(lambda: now().status == "completed", seconds=200)
        return now(), waits
    finally:
        connections.close_all()


def write(alias, number):
    """Change a row, add one, take one away, as one transaction."""
    wagons = Wagon.objects.using(alias)
    with transaction.atomic(using=alias):
        wagons.filter(pk=number).update(word="moved")
        wagons.create(pk=ROWS + number, word="new")
        wagons.filter(pk=WRITES + number).delete()


def p99(waits):
    """Give the time that ninety-nine of a hundred took at most."""
    return sorted(waits)[len(waits) * 99 // 100]
