"""The databases that the job tables are claimed to live in, and a switch between them.

Each also holds the queue and rows to export, so that real workers can run on it.
"""

from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import connections
from django_tasks_db.models import DBTaskResult

from tests.plugins import mariadb
from tests.sample.models import Wagon

__all__ = ["Chosen", "job_database", "made", "routed"]

KINDS = ("postgresql", "sqlite", "mariadb")
chosen = {"alias": "default"}


class Chosen:
    """Routes every model to the database of the test that runs."""

    def db_for_read(self, model, **hints):
        return chosen["alias"]

    def db_for_write(self, model, **hints):
        return chosen["alias"]

    def allow_relation(self, one, other, **hints):
        return True


@pytest.fixture(scope="session")
def _sqlite(tmp_path_factory, django_db_setup, django_db_blocker):
    file = tmp_path_factory.mktemp("jobs") / "jobs.sqlite3"
    options = {"timeout": 20, "transaction_mode": "IMMEDIATE", "init_command": WAL}
    with django_db_blocker.unblock():
        yield from made(
            "jobs_sqlite", ENGINE="django.db.backends.sqlite3", NAME=str(file), OPTIONS=options
        )


WAL = "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"


@pytest.fixture(scope="session")
def _mariadb(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        yield from made("jobs_mariadb", **mariadb.settings("waybill_jobs"))


def made(alias, *, ENGINE, **settings):  # noqa: N803 - Django's names of its settings
    """Make the tables in an empty database, and give its alias."""
    given = {"default": {}, alias: {"ENGINE": ENGINE, **settings}}
    connections.settings[alias] = connections.configure_settings(given)[alias]
    # Desk itself lives on PostgreSQL only: of its tables only those of people are made here.
    for app in ("people", "waybill"):
        call_command("migrate", app, database=alias, verbosity=0)
    with connections[alias].schema_editor() as editor:
        for model in (DBTaskResult, Wagon):
            editor.create_model(model)
    yield alias
    connections[alias].close()


@pytest.fixture(params=KINDS)
def job_database(request, settings, django_db_blocker):
    """Run a test on each database; the job tables of the two beside PostgreSQL are not emptied.

    The test is also marked `django_db(transaction=True)`, which empties PostgreSQL's.
    """
    if request.param == "postgresql":
        yield "default"
        return
    alias = request.getfixturevalue(f"_{request.param}")
    with routed(alias, settings), django_db_blocker.unblock():
        yield alias


@contextmanager
def routed(alias, settings):
    """Send every query of the block to a database."""
    guarded = connections[alias]  # Django's test case has walled it off; the test gets a fresh one
    del connections[alias]
    settings.DATABASE_ROUTERS = ["tests.plugins.jobdatabases.Chosen"]
    chosen["alias"] = alias
    try:
        yield
    finally:
        chosen["alias"] = "default"
        connections[alias].close()
        connections[alias] = guarded
