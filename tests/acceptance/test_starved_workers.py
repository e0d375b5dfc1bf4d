"""What memory workers take, and what becomes of exports where it is short (G10, FAULTS 2)."""

import resource
import signal
from pathlib import Path

import pytest
from django.db import connection

from tests.factories.browsing import Browser
from tests.factories.httpclient import Caller
from tests.factories.jobs import requested
from tests.factories.workers import sweeping, until, workers
from tests.plugins.desk_up import wait_for
from tests.sample.models import Parcel, Wagon
from waybill.jobs import queries
from waybill.values import ExportRequest
from waybill.write.encode import WRITERS

HERE = Path(__file__).parents[2]
MIB = 1024 * 1024
MOST_GROWTH = 100 * MIB  # G10
ROOM = 200 * MIB  # enough for an export, not for the copies of a cell of 100 MB
EXPORTS = 10
TICKETS = 100_000
SOME, MANY = 100_000, 1_000_000
ALIKE = 5 * MIB  # what ten times as many rows may take more


def memory(pid, name):
    """Read a number of bytes from what the system tells of a process."""
    said = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in said if line.startswith(name)).split()[1]) * 1024


def ended(job):
    now = queries.get(job.pk)
    return now if now.status in {"completed", "failed", "canceled"} else None


@pytest.mark.slow(80)
@pytest.mark.timeout(600)
def test_ten_large_exports_at_once_on_two_workers_leave_the_site_its_pages(start_desk):
    desk = start_desk("--workers", "2", prepared=True, DESK_EXPORTS_PER_MINUTE="1000")
    desk.wait_until_ready()
    made = desk.command(["desk", "make_demo", "--tickets", str(TICKETS), "--assets", "0"], cwd=HERE)
    assert made.returncode == 0, made.stderr
    right = ["--admin", "--permission", "import_export_tickets"]
    desk.command(["desk", "create_user", "eve", "--password", "a long one 4 u", *right], cwd=HERE)
    caller = Caller(
        desk.url, desk.command(["desk", "create_token", "eve"], cwd=HERE).stdout.strip()
    )
    browser = Browser(desk.url)
    browser.log_in("eve", "a long one 4 u")
    idle = {one.pid: memory(one.pid, "VmRSS") for one in desk.children("db_worker")}

    asked = [caller.start(f"large-{number}") for number in range(EXPORTS)]
    pages = []

    def all_completed():
        pages.append(browser.page("/staff/tickets/"))
        known = [caller.export(one) for one in asked]
        assert {one["status"] for one in known} <= {"pending", "processing", "completed"}
        return all(one["status"] == "completed" for one in known) and known

    done = wait_for(all_completed, seconds=240)

    assert {one["total_items"] for one in done} == {TICKETS}
    assert len({one["sha256"] for one in done}) == 1
    assert {one["attempt"] for one in done} == {1}
    assert len(pages) > 3
    assert {(status, url) for status, url, _ in pages} == {(200, f"{desk.url}/staff/tickets/")}
    growth = {pid: memory(pid, "VmHWM") - before for pid, before in idle.items()}
    assert max(growth.values()) < MOST_GROWTH, growth


@pytest.mark.slow(80)
@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(1200)
def test_a_million_rows_of_thirty_columns_fit_into_little_memory(fresh_folder):
    """G10: by a worker that may grow by 300 MiB and no more, ten times the rows in the same memory.

    JSON is made as CSV is, a workbook otherwise. Every format from every database, in a million
    rows each, is what `python -m benchmarks.memory` writes.
    """
    with workers(1, lease_seconds=20) as (one,):
        coupled(1, SOME)
        written(one, "csv", SOME)
        idle = memory(one.process.pid, "VmRSS")
        few = {fmt: written(one, fmt, SOME) for fmt in sorted(WRITERS)}
        bounded(one)
        coupled(SOME + 1, MANY)
        many = {fmt: written(one, fmt, MANY) for fmt in ("csv", "excel")}
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE sample_wagon")
    assert max(many.values()) - idle < MOST_GROWTH, (idle, few, many)
    assert max(many.values()) - max(few.values()) < ALIKE, (idle, few, many)


def bounded(one, room=300 * MIB):
    """Let the system refuse a worker more memory than it has now and so many bytes."""
    limit = memory(one.process.pid, "VmSize") + room
    resource.prlimit(one.process.pid, resource.RLIMIT_AS, (limit, limit))


def coupled(first, last):
    """Make wagons in the database itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO sample_wagon (id, word) SELECT n, 'w' || n FROM generate_series(%s, %s) n",
            [first, last],
        )


def written(one, fmt, rows):
    """Let a worker write thirty columns of them; gives the most memory it ever took."""
    job = requested(None, request=ExportRequest(resource="trains", format=fmt))
    done = until(lambda: ended(job), 400)
    assert (done.status, done.exported_items) == ("completed", rows)
    return memory(one.process.pid, "VmHWM")


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(400)
def test_a_cell_too_large_for_the_memory_fails_its_export_alone(fresh_folder):
    """FAULTS 2: three attempts, and other exports go on meanwhile."""
    Wagon.objects.bulk_create(Wagon(id=number, word="x") for number in range(100))
    huge = Parcel.objects.create(code="huge")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sample_parcel SET text = repeat('y', %s)", [100_000_000])
    with workers(2) as pair, sweeping():
        for one in pair:
            until(lambda one=one: one.catches(signal.SIGQUIT))
            bounded(one, ROOM)
        job = requested(None, request=ExportRequest(resource="parcels", columns=("id", "text")))
        others = [requested(None, request=ExportRequest(resource="wagons")) for _ in range(5)]
        done = until(lambda: ended(job))
        assert {until(lambda one=one: ended(one)).status for one in others} == {"completed"}
    assert (done.status, done.attempt) == ("failed", 3)
    assert done.error_code in {"out_of_memory", "worker_lost", "source_gone"}
    huge.delete()
