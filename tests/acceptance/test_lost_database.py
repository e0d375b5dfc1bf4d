"""A database that crashes under everything, and comes back (FAULTS 23, 24)."""

import os
import signal
import time

import pytest

from tests.factories.faults import fault
from tests.factories.jobs import requested
from tests.factories.workers import AS_SHIPPED, replaced, sweeping, until
from waybill.jobs import audit, database, queries
from waybill.models import ExportFile
from waybill.values import ExportRequest
from waybill.work.patience import patiently

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(400),
    pytest.mark.usefixtures("fresh_folder"),
]

WAGONS = ExportRequest(resource="wagons")
ROWS = 120_000
AWAY_SECONDS = 3  # a minute in short: the patience of the workers is 20 s here, not 90
A_MINUTE = 60
PATIENCE = {
    name: AS_SHIPPED[name] for name in ("lease_seconds", "beat_seconds", "patience_seconds")
}


@pytest.fixture
def wagons(own_server):
    # Far more than sockets hold: the server is still sending when it is killed.
    with database.connection().cursor() as cursor:
        cursor.execute(
            "INSERT INTO sample_wagon (id, word) SELECT n, repeat('x', 50)"
            " FROM generate_series(1, %s) n",
            [ROWS],
        )
    return own_server


def crashed_and_back(server, seconds=AWAY_SECONDS):
    server.crash()
    time.sleep(seconds)
    server.restart()


def completed(job):
    now = patiently(lambda: queries.get(job.pk))
    assert now.status != "failed", now.error_code
    return now if now.status == "completed" else None


def assert_one_whole_file(job, disk):
    assert job.file.rows == ROWS
    assert ExportFile.objects.filter(job=job, deleted_at=None).count() == 1
    assert job.file.key.rpartition("/")[2] in disk()
    assert list(audit.verify()) == []


def test_an_export_whose_rows_were_flowing_is_made_again(wagons, disk, tmp_path):
    job = requested(None, request=WAGONS)
    with replaced(2, **fault("pace", "rows", tmp_path)), sweeping():
        until(lambda: queries.get(job.pk).exported_items > 0)
        crashed_and_back(wagons)
        done = until(lambda: completed(job))
        assert done.attempt >= 2
        assert_one_whole_file(done, disk)

        idle = requested(None, request=WAGONS)
        until(lambda: completed(idle))
        crashed_and_back(wagons)
        after = patiently(lambda: requested(None, request=WAGONS))
        assert_one_whole_file(until(lambda: completed(after)), disk)


@pytest.mark.slow(150)
def test_an_export_outlives_a_database_that_is_away_for_a_minute(wagons, disk, tmp_path):
    """FAULTS 23: with the patience of production."""
    job = requested(None, request=WAGONS)
    with replaced(2, **PATIENCE, **fault("pace", "rows", tmp_path)), sweeping():
        until(lambda: queries.get(job.pk).exported_items > 0)
        crashed_and_back(wagons, A_MINUTE)
        done = until(lambda: completed(job), 200)
        idle = requested(None, request=WAGONS)
        assert until(lambda: completed(idle), 200).attempt == 1
    assert 2 <= done.attempt <= 3
    assert_one_whole_file(done, disk)


def test_an_export_whose_connection_ends_without_a_word_is_made_again(wagons, disk, tmp_path):
    """FAULTS 24: the server process that sends the rows is killed, so no error reaches us."""
    job = requested(None, request=WAGONS)
    with replaced(2, **fault("pace", "rows", tmp_path)), sweeping():
        until(lambda: queries.get(job.pk).exported_items > 0)
        os.kill(sender(), signal.SIGKILL)
        done = until(lambda: completed(job))
    assert done.attempt >= 2
    assert_one_whole_file(done, disk)


def sender():
    """Give the number of the server process that sends the rows of a COPY."""
    with database.connection().cursor() as cursor:
        cursor.execute(
            "SELECT pid FROM pg_stat_activity WHERE query LIKE 'COPY (%' AND state = 'active'"
        )
        return cursor.fetchone()[0]


def test_an_export_about_to_be_published_is_published_once_the_database_is_back(
    wagons, disk, tmp_path
):
    job = requested(None, request=WAGONS)
    # Time enough for a busy machine to recover the database in.
    patient = {"lease_seconds": 60, "patience_seconds": 60}
    with replaced(1, **patient, **fault("hold", "stored", tmp_path)):
        until((tmp_path / "held").exists)
        wagons.crash()
        (tmp_path / "go").touch()
        time.sleep(AWAY_SECONDS)
        wagons.restart()
        done = until(lambda: completed(job))
    assert done.attempt == 1
    assert_one_whole_file(done, disk)
