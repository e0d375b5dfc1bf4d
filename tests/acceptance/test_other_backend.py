"""Exports through another task backend that keeps its queue in the database."""

import subprocess
import sys

import psycopg
import pytest

from tests.factories import faults
from tests.factories.workers import Process, environment, until

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(300)]


@pytest.fixture
def variables(other_database):
    """Fill an empty database with the tables of the engine and of the backend."""
    given = {"DATABASE_URL": other_database, "DJANGO_SETTINGS_MODULE": "tests.queue_settings"}
    migrate = Process("migrate", "--verbosity", "0", variables=given)
    code, said = migrate.ended(seconds=200)
    assert code == 0, said
    return given


def asked(count, variables):
    """Request exports in a process of its own, as a web server does."""
    command = [sys.executable, "-m", "tests.factories.askers", str(count)]
    done = subprocess.run(
        command, env=environment() | variables, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout.split()


def standing(url):
    """Give status and crashes of each export."""
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT status, crashes FROM waybill_exportjob ORDER BY crashes"
        ).fetchall()


def test_exports_run_and_survive_a_killed_worker_on_another_database_backend(
    variables, other_database, tmp_path
):
    """The ring for later comes through too: nobody sweeps here."""
    fault = faults.fault("SIGKILL", "rows", tmp_path)
    struck = variables | fault.pop("variables")
    assert len(asked(3, variables)) == 3
    first = Process("dj_queue", variables=struck, **fault)
    until(lambda: not first.running)
    first.kill()
    second = Process("dj_queue", variables=variables)
    try:
        done = [("completed", 0), ("completed", 0), ("completed", 1)]
        until(lambda: standing(other_database) == done)
        second.process.terminate()
        assert second.ended()[0] == 0
    finally:
        second.kill()
