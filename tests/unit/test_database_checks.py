"""Databases that exports hold up, or that nobody can read, are told at start-up (FAULTS 31)."""

import pytest
from django.db.utils import ConnectionHandler

from waybill import checks


@pytest.fixture
def sqlite(tmp_path, monkeypatch):
    """Give a function that opens a SQLite file in one of its journal modes."""

    def opened(mode):
        one = {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(tmp_path / "rows.db"),
            "OPTIONS": {"init_command": f"PRAGMA journal_mode={mode};"},
        }
        handler = ConnectionHandler({"default": one})
        handlers.append(handler)
        monkeypatch.setattr(checks, "connections", handler)
        return handler["default"]

    handlers = []
    yield opened
    for handler in handlers:
        handler.close_all()


def ids():
    return [found.id for found in checks.check_databases(None, databases=["default"])]


@pytest.mark.parametrize(("mode", "found"), [("DELETE", ["waybill.W001"]), ("WAL", [])])
def test_sqlite_is_told_without_a_write_ahead_log(mode, found, sqlite, django_db_blocker):
    with django_db_blocker.unblock():
        sqlite(mode)
        assert ids() == found


def test_a_database_that_no_reader_knows_is_told(sqlite, monkeypatch, django_db_blocker):
    with django_db_blocker.unblock():
        monkeypatch.setattr(sqlite("WAL"), "vendor", "oracle")
        assert ids() == ["waybill.E003"]


def test_times_without_a_time_zone_are_told(sqlite, settings, django_db_blocker):
    with django_db_blocker.unblock():
        sqlite("WAL")
        settings.USE_TZ = False
        assert ids() == ["waybill.E013"]
