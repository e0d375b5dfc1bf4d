"""Where exports are kept and what wakes their workers, as the environment says."""

import os
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

__all__ = ["anchor", "engine", "queue", "storage"]

KEPT = "exports"
ANCHOR = "waybill-audit-anchor"
BROKERS = ("amqp", "amqps", "redis", "rediss")


def queue() -> str:
    """Give the address of the broker that wakes workers; none means the database does."""
    url = os.environ.get("QUEUE_URL", "")
    if url and urlsplit(url).scheme not in BROKERS:
        kinds = ", ".join(f"{name}://" for name in BROKERS)
        raise ImproperlyConfigured(f"QUEUE_URL does not begin with one of {kinds}.")
    return url


def engine() -> dict[str, Any]:
    """Give the settings of the engine that differ from place to place."""
    given = {
        "audit_key": os.environ.get("DESK_AUDIT_KEY", ""),
        "signing_key": os.environ.get("DESK_SIGNING_KEY", ""),
        "storage": KEPT if os.environ.get("STORAGE_URL") else "",
    }
    if queue():
        given["doorbell"] = "desk.queue.ring"
    return given


def anchor(keys: Path, database: Mapping[str, Any]) -> Path | None:
    """Name the file that takes the head of the log, by default beside the keys; `no` is none.

    Each database that is named by its address has a file of its own: two logs in one file would
    take each other for cut off.
    """
    given = os.environ.get("DESK_AUDIT_ANCHOR", "")
    if given.lower() == "no":
        return None
    if given:
        return Path(given)
    if not os.environ.get("DATABASE_URL"):
        return keys / ANCHOR
    place = "\n".join(str(database.get(name, "")) for name in ("HOST", "PORT", "NAME"))
    return keys / f"{ANCHOR}-{sha256(place.encode()).hexdigest()[:8]}"


def storage(url: str) -> dict[str, dict[str, Any]]:
    """Turn a storage address into an entry of Django's `STORAGES`; none for no address.

    `s3://bucket/folder?region_name=eu-central-1&endpoint_url=https://...`, with `user:password@`
    for the key's name and secret, else the machine's own role; `azure://container/folder` with
    `?account_name=...&account_key=...` or `?connection_string=...`; `file:///folder`.
    """
    if not url:
        return {}
    parts = urlsplit(url)
    make = {"s3": _s3, "azure": _azure, "file": _folder}.get(parts.scheme)
    if make is None:
        raise ImproperlyConfigured("STORAGE_URL does not begin with s3://, azure:// or file://.")
    backend, options = make(parts, dict(parse_qsl(parts.query)))
    return {KEPT: {"BACKEND": backend, "OPTIONS": options}}


def _s3(parts: Any, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if parts.username:
        options["access_key"] = unquote(parts.username)
        options["secret_key"] = unquote(parts.password or "")
    place = {
        "bucket_name": parts.hostname,
        "location": parts.path.strip("/"),
        "signature_version": "s3v4",
    }
    return "storages.backends.s3.S3Storage", place | options


def _azure(parts: Any, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    place = {"azure_container": parts.hostname, "location": parts.path.strip("/")}
    return "storages.backends.azure_storage.AzureStorage", place | options


def _folder(parts: Any, options: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "django.core.files.storage.FileSystemStorage", {"location": unquote(parts.path)}
