"""Empties PostgreSQL after a test that commits, without what Django's flush costs.

A flush truncates every table and makes all permissions again, most of a second. Few tables hold
rows after a test: those are emptied, and what every Desk begins with is planted again.
"""

from importlib import import_module

from django.apps import apps
from django.db import connections
from django.test import TransactionTestCase

__all__ = ["empty"]

# Without triggers: the log refuses to be deleted from, and all rows of all tables go anyway.
EMPTY = """
DO $$
DECLARE place regclass; filled boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR place IN
        SELECT oid FROM pg_class
        WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace
        AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s)', place) INTO filled;
        IF filled THEN EXECUTE format('DELETE FROM %s', place); END IF;
    END LOOP;
END $$
"""
PLANTED = ("tickets", "assets", "views")

flushed = TransactionTestCase._fixture_teardown


def emptied(self: TransactionTestCase) -> None:
    """Empty the databases of a test."""
    names = self._databases_names(include_mirrors=False)
    if any(connections[name].vendor != "postgresql" for name in names):
        flushed(self)
        return
    for name in names:
        empty(name)


def empty(name: str = "default") -> None:
    """Empty a PostgreSQL database, and plant what every Desk begins with."""
    with connections[name].cursor() as cursor:
        cursor.execute(EMPTY)
    for app in PLANTED:
        import_module(f"desk.{app}.seed").plant(sender=apps.get_app_config(app), using=name)


TransactionTestCase._fixture_teardown = emptied
