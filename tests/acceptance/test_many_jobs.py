"""Many exports while workers die, and a database that goes away (G1, G2, FAULTS 11, 23)."""

import random
import threading
import time

import pytest
from django.db import connection, connections

from tests.factories.workers import sweeping, until, worker, workers
from waybill.jobs import audit
from waybill.models import ExportFile, ExportJob

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]

CLIENTS = 4


@pytest.fixture
def pool():
    """Run three workers, each replaced when it dies, as `desk up` does."""
    running = [worker() for _ in range(3)]
    over = threading.Event()

    def supervise():
        while not over.wait(0.2):
            for place, one in enumerate(running):
                if not one.running:
                    one.kill()
                    running[place] = worker()

    keeper = threading.Thread(target=supervise)
    keeper.start()
    yield running
    over.set()
    keeper.join()
    for one in running:
        one.kill()


def ended(jobs):
    left = ExportJob.objects.filter(pk__in=[job.pk for job in jobs])
    return not left.filter(status__in=["pending", "processing"]).exists()


def assert_each_has_one_file(jobs, disk, expected):
    from waybill.work.sweep import sweep

    sweep()
    done = ExportJob.objects.filter(pk__in=[job.pk for job in jobs]).select_related("file")
    assert {(job.status, job.error_code) for job in done} <= {
        ("completed", ""),
        ("failed", "worker_lost"),
    }
    completed = [job for job in done if job.status == "completed"]
    assert {job.file.sha256 for job in completed} == {expected}
    assert disk() == sorted(job.file.key.rpartition("/")[2] for job in completed)
    assert ExportFile.objects.filter(deleted_at=None).count() == len(completed)
    assert list(audit.verify()) == []
    return completed


@pytest.mark.slow
def test_two_hundred_exports_end_once_each_while_workers_die(parcels, start, disk, pool):
    chance = random.Random(4)
    jobs = []

    def client():
        jobs.extend(start() for _ in range(200 // CLIENTS))
        connections.close_all()

    clients = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for one in clients:
        one.start()
    with sweeping():
        for _ in range(8):
            time.sleep(2)
            chance.choice(pool).process.kill()
        for one in clients:
            one.join()
        until(lambda: ended(jobs), 240)
    completed = assert_each_has_one_file(jobs, disk, parcels.sha256)
    assert len(jobs) == 200
    # Three deaths in a row of one job are possible, more than a few such jobs are not.
    assert len(completed) >= 195


def test_exports_survive_every_connection_being_cut(parcels, start, disk, pool):
    jobs = [start() for _ in range(12)]
    with sweeping():
        for _ in range(6):
            time.sleep(0.7)
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
        until(lambda: ended(jobs), 120)
    assert_each_has_one_file(jobs, disk, parcels.sha256)


def test_restarts_are_no_failures_of_the_exports_they_meet(parcels, start, disk):
    jobs = [start() for _ in range(8)]
    with sweeping():
        for _ in range(3):
            with workers(2) as pair:
                time.sleep(3)
                for one in pair:
                    one.process.terminate()
                codes = [one.ended()[0] for one in pair]
            assert set(codes) <= {0, -15}
        with workers(2):
            until(lambda: ended(jobs), 60)
    completed = assert_each_has_one_file(jobs, disk, parcels.sha256)
    assert len(completed) == 8
