"""Every database that the engine claims, as a real one of this run.

A test that takes the fixture `database` runs once over each: PostgreSQL, MariaDB, and a SQLite
file in WAL mode. The tables of the sample are there and empty, and the ORM's queries go there.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management.color import no_style
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.test import override_settings

from tests.plugins import mariadb

__all__ = ["VENDORS", "Towards", "database", "mariadb_rows", "queries", "sqlite_rows"]

VENDORS = ("postgresql", "mariadb", "sqlite")


class Towards:
    """A database router: every query goes to one database."""

    def __init__(self, alias):
        self.alias = alias

    def db_for_read(self, model, **hints):
        return self.alias

    def db_for_write(self, model, **hints):
        return self.alias

    def allow_relation(self, one, other, **hints):
        return True


def sqlite_settings() -> dict[str, object]:
    """Give Django's setting for a SQLite file in WAL mode."""
    folder = tempfile.mkdtemp(prefix="waybill-sqlite-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(Path(folder) / "rows.db"),
        "OPTIONS": {"init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"},
    }


def postgres_settings() -> dict[str, object]:
    """Give Django's setting for an empty database of this process on the run's server."""
    name = f"waybill_rows_{os.getpid()}"
    with connections["default"]._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    given = connections["default"].settings_dict
    return {key: given[key] for key in ("ENGINE", "USER", "PASSWORD", "HOST", "PORT")} | {
        "NAME": name
    }


@pytest.fixture(scope="session", autouse=True)
def dropped(django_db_blocker) -> Iterator[None]:
    """Drop this process's database at the end: the server may outlive the run."""
    yield
    if "postgresql" in connections.databases:
        name = connections.databases["postgresql"]["NAME"]
        with django_db_blocker.unblock(), connections["default"]._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


MAKERS = {
    "postgresql": postgres_settings,
    "mariadb": lambda: mariadb.settings("waybill_rows"),
    "sqlite": sqlite_settings,
}


def models(connection: BaseDatabaseWrapper) -> list[type]:
    """Give the models whose tables the sample needs and this database can hold."""
    sample = apps.get_app_config("sample").get_models()
    return [ContentType, *(one for one in sample if one._meta.can_migrate(connection))]


def opened(vendor: str) -> BaseDatabaseWrapper:
    """Give the connection to a vendor's database; its tables are made at the first call."""
    if vendor not in connections.databases:
        made = MAKERS[vendor]()
        connections.databases[vendor] = connections.configure_settings({"default": made})["default"]
        with connections[vendor].schema_editor() as editor:
            for model in models(connections[vendor]):
                editor.create_model(model)
    return connections[vendor]


def emptied(connection: BaseDatabaseWrapper) -> None:
    """Empty the tables that were filled, and count their keys from 1 again."""
    names = [name for name in connection.introspection.table_names() if used(connection, name)]
    if names:
        flush = connection.ops.sql_flush(
            no_style(), names, reset_sequences=True, allow_cascade=True
        )
        connection.ops.execute_sql_flush(flush)


# Whether a table ever gave a key since it was emptied; to empty one that is new costs as much as
# one that is full, and a test fills one or two of fourteen.
COUNTED = {
    "postgresql": "SELECT bool_or(last_value IS NOT NULL) FROM pg_sequences"
    " WHERE quote_ident(sequencename)::regclass IN (SELECT objid FROM pg_depend"
    " WHERE classid = 'pg_class'::regclass AND refobjid = quote_ident(%s)::regclass)",
    "mysql": "SELECT auto_increment > 1 FROM information_schema.tables"
    " WHERE table_schema = DATABASE() AND table_name = %s",
    "sqlite": "SELECT count(*) FROM sqlite_sequence WHERE name = %s",
}


def used(connection: BaseDatabaseWrapper, name: str) -> bool:
    """Say whether a table has rows, or had some."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {connection.ops.quote_name(name)} LIMIT 1")
        if cursor.fetchone():
            return True
        cursor.execute(COUNTED[connection.vendor], [name])
        return bool((cursor.fetchone() or [False])[0])


@contextmanager
def prepared(vendor: str) -> Iterator[str]:
    """Send every query to the empty tables of one database."""
    connection = opened(vendor)
    emptied(connection)
    ContentType.objects.clear_cache()
    with override_settings(DATABASE_ROUTERS=[Towards(vendor)]):
        yield vendor
    ContentType.objects.clear_cache()
    connection.close()


@pytest.fixture(params=VENDORS)
def database(request, django_db_setup, django_db_blocker) -> Iterator[str]:
    """Give the alias of a real database that holds the sample's empty tables."""
    with django_db_blocker.unblock(), prepared(request.param) as alias:
        yield alias


@pytest.fixture
def mariadb_rows(django_db_setup, django_db_blocker) -> Iterator[str]:
    """Give the alias of the MariaDB alone, for what no other database does."""
    with django_db_blocker.unblock(), prepared("mariadb") as alias:
        yield alias


@pytest.fixture
def sqlite_rows(django_db_setup, django_db_blocker) -> Iterator[str]:
    """Give the alias of the SQLite file alone."""
    with django_db_blocker.unblock(), prepared("sqlite") as alias:
        yield alias


@pytest.fixture
def queries():
    """Collect every statement of every connection opened from now on, those of exports included."""
    seen = []

    def watch(connection, **sent):
        connection.execute_wrappers.append(record)

    def record(execute, sql, params, many, context):
        seen.append(sql)
        return execute(sql, params, many, context)

    connection_created.connect(watch)
    yield seen
    connection_created.disconnect(watch)
