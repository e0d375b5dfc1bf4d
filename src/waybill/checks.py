"""Mistakes that can be told at start-up, with what to do about them."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig, apps
from django.core import checks
from django.core.checks import CheckMessage, Tags
from django.core.files.storage import FileSystemStorage, storages
from django.db import connections

from waybill import conf, errors, registry
from waybill.declare import kinds

__all__ = [
    "check_apps",
    "check_base_url",
    "check_databases",
    "check_exports",
    "check_guard",
    "check_setting",
    "check_storage",
    "enlist",
]

LONGEST_LINK_SECONDS = 60
READABLE = ("postgresql", "mysql", "sqlite")
IDLE = "idle_in_transaction_session_timeout"


def enlist() -> None:
    """Have Django run these checks."""
    checks.register(check_setting, Tags.compatibility)
    checks.register(check_base_url, Tags.urls)
    checks.register(check_exports, Tags.models)
    checks.register(check_guard, Tags.security, deploy=True)
    checks.register(check_apps, Tags.compatibility)
    checks.register(check_storage, Tags.files)
    checks.register(check_databases, Tags.database)


def check_setting(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """E001: the setting WAYBILL has an unknown key or a wrong value; E009: links live too long."""
    try:
        settings = conf.settings()
    except (errors.SettingsError, TypeError, ValueError) as problem:
        yield checks.Error(str(problem), hint="See docs/reference/settings.md.", id="waybill.E001")
        return
    if not 0 <= settings.redirect_seconds <= LONGEST_LINK_SECONDS:
        yield checks.Error(
            f"redirect_seconds is {settings.redirect_seconds}: who lost the right would keep it.",
            hint=f"Use 0 to {LONGEST_LINK_SECONDS}.",
            id="waybill.E009",
        )


def check_base_url(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """W002: mails can carry no links; E006: what they would begin with is no address."""
    given = conf.settings().base_url
    parts = urlsplit(given)
    if not given:
        yield checks.Warning(
            "WAYBILL names no base_url: mails about exports carry no links.",
            hint='Set base_url to the address that people use, such as "https://desk.example".',
            id="waybill.W002",
        )
    elif parts.scheme not in {"http", "https"} or not parts.hostname or parts.query:
        yield checks.Error(
            f"WAYBILL's base_url {given!r} is not the address of a site.",
            hint='It begins with https:// or http://, such as "https://desk.example".',
            id="waybill.E006",
        )


def check_apps(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """E007: the pages' script comes from an app that is not installed."""
    if not apps.is_installed("django_htmx"):
        yield checks.Error(
            "The pages of exports need the app django_htmx.",
            hint='Add "django_htmx" to INSTALLED_APPS.',
            id="waybill.E007",
        )


def check_guard(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """W003: the database would let anybody change the log; for tests only."""
    if not conf.settings().guard_log:
        yield checks.Warning(
            "WAYBILL leaves the log without its triggers.",
            hint="Take guard_log out of the settings; False is for tests.",
            id="waybill.W003",
        )


def check_exports(app_configs: Sequence[AppConfig] | None, **_: Any) -> Iterable[CheckMessage]:
    """E002: a column whose kind nobody can tell; E011: child rows of rows without a key of one
    column.
    """
    for export in registry.registered():
        if export.children and len(export.model._meta.pk_fields) > 1:
            yield checks.Error(
                f"{type(export).__qualname__} has child rows, and the key of "
                f"{export.model.__name__} is made of several columns.",
                hint="Leave `children` out, or give the model a key of one column.",
                id="waybill.E011",
            )
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
    """E004: no such storage; E005: files lie where the web server gives them to anybody; E010: so
    does the storage itself.
    """
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

    if name and (how := _shows(storages[name])):
        yield checks.Error(
            f"The storage {name!r} gives exports to anybody: {how}.",
            hint="Keep its objects private; Waybill gives them out and checks rights.",
            id="waybill.E010",
        )


def _shows(storage: Any) -> str:
    """Say which option of a storage makes its objects public."""
    acl = str(getattr(storage, "default_acl", None) or "private")
    object_acl = str((getattr(storage, "object_parameters", None) or {}).get("ACL", "private"))
    if "public" in acl + object_acl or "authenticated-read" in {acl, object_acl}:
        return "its ACL is public"
    if getattr(storage, "querystring_auth", True) is False:
        return "querystring_auth is off"
    return ""


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
    """E003: no reader for the database; E013: times without a time zone; W001: SQLite without
    write-ahead log blocks writers; W004: who sleeps amid a transaction holds up the log.
    """
    for alias in databases or ():
        connection = connections[alias]
        if connection.vendor not in READABLE:
            yield checks.Error(
                f"Waybill cannot read {connection.display_name} (database {alias!r}).",
                hint="Exports need PostgreSQL, MySQL, MariaDB or SQLite.",
                id="waybill.E003",
            )
        if connection.vendor in {"sqlite", "mysql"} and connection.timezone is None:
            yield checks.Error(
                f"Times of the database {alias!r} have no time zone, so exports cannot show them.",
                hint="Set USE_TZ = True.",
                id="waybill.E013",
            )
        if connection.vendor == "sqlite" and journal(connection) == "delete":
            yield checks.Warning(
                f"The SQLite database {alias!r} has no write-ahead log: exports hold up writers.",
                hint='Set OPTIONS["init_command"] = "PRAGMA journal_mode=WAL".',
                id="waybill.W001",
            )
        longest = conf.settings().lease_seconds / 2
        if connection.vendor == "postgresql" and not 0 < _idle_seconds(connection) <= longest:
            yield checks.Warning(
                f"A process that stops amid a transaction on {alias!r} holds up every export.",
                hint=f"Set {IDLE} to {longest:g}s or less.",
                id="waybill.W004",
            )


def _idle_seconds(connection: Any) -> float:
    """Read how long PostgreSQL lets a transaction stand still; 0 is for ever."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting FROM pg_settings WHERE name = %s", [IDLE])
        return int(cursor.fetchone()[0]) / 1000


def journal(connection: Any) -> str:
    """Read the journal mode of a SQLite database."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA journal_mode")
        return str(cursor.fetchone()[0])
