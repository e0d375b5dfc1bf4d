"""Migrations run while the version before them still serves: none may stop or break it."""

import pytest
from django.apps import apps
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.models.functions import Now

# The tables as the first release made them: before it there was no version to keep running.
FIRST_RELEASE = {"assets": 4, "demo": 1, "people": 4, "tickets": 8, "views": 1, "waybill": 9}
NEW = (migrations.CreateModel, AddIndexConcurrently, RemoveIndexConcurrently)


def problems(migration: Migration) -> list[str]:
    """Say what of a migration would stop or break the version that still runs.

    A migration that is harmless although it looks otherwise says why, in `no_downtime`.
    """
    if getattr(migration, "no_downtime", ""):
        return []
    made = {
        operation.name_lower
        for operation in migration.operations
        if isinstance(operation, migrations.CreateModel)
    }
    return [
        f"{type(operation).__name__}: {why}"
        for operation in migration.operations
        if getattr(operation, "model_name_lower", None) not in made and (why := problem(operation))
    ]


def problem(operation: object) -> str:
    """Say what is wrong with one operation on a table that is there; "" where nothing is."""
    if isinstance(operation, NEW):
        return ""
    if isinstance(operation, migrations.AddField):
        field = operation.field
        filled = field.null or field.has_db_default() or field.many_to_many
        return "" if filled else "the old version writes rows without it; give it a db_default"
    if isinstance(operation, migrations.AddIndex | migrations.RemoveIndex):
        return "locks the table; use AddIndexConcurrently, RemoveIndexConcurrently"
    if isinstance(operation, migrations.RemoveField | migrations.DeleteModel):
        return "the old version still reads it; stop reading it one version earlier"
    return "may lock the table or surprise the old version; say why not in no_downtime"


def ours() -> list[Migration]:
    """Give our own migrations, by app and number."""
    loader = MigrationLoader(None)
    labels = {one.label for one in apps.get_app_configs() if one.name.startswith(("desk", "wayb"))}
    return [
        migration
        for (label, _name), migration in sorted(loader.disk_migrations.items())
        if label in labels
    ]


def since_first_release(migration: Migration) -> bool:
    return int(migration.name[:4]) > FIRST_RELEASE.get(migration.app_label, 0)


def test_no_migration_needs_the_site_to_stop() -> None:
    found = {
        f"{one.app_label}.{one.name}": told
        for one in ours()
        if since_first_release(one) and (told := problems(one))
    }

    assert found == {}
    assert len(ours()) >= sum(FIRST_RELEASE.values())


def _with(*operations: object, **more: object) -> Migration:
    kind = type("Migration", (Migration,), {"operations": list(operations), **more})
    return kind("0001", "shop")


INDEX = models.Index(fields=["at"], name="by_at")
HARMLESS = [
    migrations.CreateModel("Note", [("id", models.BigAutoField(primary_key=True))]),
    migrations.AddField("item", "note", models.TextField(null=True)),
    migrations.AddField("item", "at", models.DateTimeField(db_default=Now())),
    AddIndexConcurrently("item", INDEX),
]
HARMFUL = [
    (migrations.AddField("item", "note", models.TextField(default="")), "db_default"),
    (migrations.AddIndex("item", INDEX), "AddIndexConcurrently"),
    (migrations.RemoveField("item", "note"), "one version earlier"),
    (migrations.DeleteModel("Item"), "one version earlier"),
    (migrations.RenameField("item", "note", "text"), "no_downtime"),
    (migrations.AlterField("item", "note", models.TextField()), "no_downtime"),
    (migrations.RunSQL("SELECT 1"), "no_downtime"),
]


@pytest.mark.parametrize(
    "operation", HARMLESS, ids=["a table", "null", "db_default", "concurrent index"]
)
def test_what_adds_and_never_locks_is_taken(operation: object) -> None:
    assert problems(_with(operation)) == []


@pytest.mark.parametrize(
    ("operation", "advice"), HARMFUL, ids=[type(one).__name__ for one, _advice in HARMFUL]
)
def test_what_locks_or_takes_away_is_told_with_advice(operation: object, advice: str) -> None:
    (told,) = problems(_with(operation))

    assert advice in told


def test_a_table_of_the_same_migration_may_be_given_anything() -> None:
    made = migrations.CreateModel("Item", [("id", models.BigAutoField(primary_key=True))])

    assert problems(_with(made, migrations.AddIndex("item", INDEX))) == []


def test_a_migration_may_say_why_it_harms_nobody() -> None:
    assert problems(_with(migrations.RunSQL("SELECT 1"), no_downtime="reads only")) == []
