"""Mistakes that can be told at start-up, with what to do about them."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.core import checks
from django.core.checks import CheckMessage, Tags
from django.core.files.storage import FileSystemStorage, storages
from django.db import connections

from waybill import conf, errors, registry
from waybill.declare import kinds

__all__ = ["check_databases", "check_exports", "check_setting", "check_storage", "enlist"]

READABLE = ("postgresql", "mysql", "sqlite")


def enlist() -> None:
    """Have Django run these checks."""
    checks.register(check_setting, Tags.compatibility)
    checks.register(check_exports, Tags.models)
    checks.register(check_storage, Tags.files)
    checks.register(check_databases, Tags.database)


def check_setting(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """E001: the setting WAYBILL has an unknown key or a wrong value."""
    try:
        conf.settings()
    except (errors.SettingsError, TypeError, ValueError) as problem:
        yield checks.Error(str(problem), hint="See docs/reference/settings.md.", id="waybill.E001")


def check_exports(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """E002: an expression column whose kind nobody can tell."""
    for export in registry.registered():
        for column in export.columns:
            if column.expression is None or column.kind:
                continue
            try:
                kinds.expressed(export.model, column.expression)
            except errors.DeclarationError as problem:
                yield checks.Error(
                    f"{type(export).__qualname__}: column {column.name!r}: {problem}",
                    hint="Give the expression an output_field, or the column a kind.",
                    id="waybill.E002",
                )


def check_storage(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """E004: no such storage; E005: the files lie where the web server gives them to anybody."""
    name = conf.settings().storage
    if name and name not in storages.backends:
        yield checks.Error(
            f"WAYBILL names the storage {name!r}, which STORAGES does not have.",
            hint=f"STORAGES has {', '.join(sorted(storages.backends))}.",
            id="waybill.E004",
        )
        return
    for served in conf.served():
        if _folder(name).is_relative_to(served):
            yield checks.Error(
                f"Exports are kept in {_folder(name)}, which is served to anybody.",
                hint="Keep them outside of MEDIA_ROOT and STATIC_ROOT.",
                id="waybill.E005",
            )


def _folder(name: str) -> Path:
    """Give the folder of a local storage; a remote one lies in none."""
    if not name:
        return conf.settings().files.resolve()
    storage = storages[name]
    if isinstance(storage, FileSystemStorage):
        return Path(storage.location).resolve()
    return Path("/nowhere")


def check_databases(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> Iterable[CheckMessage]:
    """E003: no reader for the database; W001: SQLite without write-ahead log blocks writers."""
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor not in READABLE:
            yield checks.Error(
                f"Waybill cannot read {connection.display_name} (database {alias!r}).",
                hint="Exports need PostgreSQL, MySQL, MariaDB or SQLite.",
                id="waybill.E003",
            )
        if connection.vendor == "sqlite" and journal(connection) == "delete":
            yield checks.Warning(
                f"The SQLite database {alias!r} has no write-ahead log: exports hold up writers.",
                hint='Set OPTIONS["init_command"] = "PRAGMA journal_mode=WAL".',
                id="waybill.W001",
            )


def journal(connection: Any) -> str:
    """Read the journal mode of a SQLite database."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        return str(cursor.fetchone()[0])
