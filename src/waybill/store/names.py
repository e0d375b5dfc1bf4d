"""The names of files: the key in the storage, which nobody typed, and the name people see."""

import re
import secrets
from datetime import datetime
from uuid import UUID

from waybill import errors, keys
from waybill.values import Plan

__all__ = [
    "EXTENSIONS",
    "check_key",
    "content_type",
    "download_name",
    "extension",
    "is_ours",
    "new_key",
]

# The random part: 8 digits of the installation, where the key has them, and 128 random bits.
KEY = re.compile(
    r"exports/[0-9a-f-]{36}/(?P<installation>[0-9a-f]{8})?[0-9a-f]{32}"
    r"-[a-z0-9_-]+(\.[a-z]+){1,2}"
)
EXTENSIONS = {"csv": "csv", "excel": "xlsx", "json": "json", "ndjson": "ndjson"}
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "excel": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "ndjson": "application/x-ndjson",
}


def extension(plan: Plan) -> str:
    """Name the ending of a plan's file."""
    if plan.bundled:
        return "zip"
    return EXTENSIONS[plan.format] + (".gz" if plan.options.compression else "")


def content_type(plan: Plan) -> str:
    """Name the media type of a plan's file."""
    if plan.bundled:
        return "application/zip"
    return "application/gzip" if plan.options.compression else TYPES[plan.format]


def new_key(job_id: UUID, plan: Plan) -> str:
    """Make the key of one attempt's file, with 128 random bits that no other attempt has."""
    resource = re.sub(r"[^a-z0-9_-]", "-", plan.resource.lower())
    part = f"{keys.installation()}{secrets.token_hex(16)}"
    return check_key(f"exports/{job_id}/{part}-{resource}.{extension(plan)}")


def is_ours(key: str) -> bool:
    """Say whether this installation made the key."""
    found = KEY.fullmatch(key)
    return bool(found and found["installation"] == keys.installation())


def check_key(key: str) -> str:
    """Give the key back; raises `StorageDown` for one that this module did not make."""
    if not KEY.fullmatch(key):
        raise errors.StorageDown("a key of another form")
    return key


def download_name(plan: Plan, at: datetime) -> str:
    """Name the file as it lands in somebody's downloads."""
    resource = re.sub(r"[^a-z0-9_-]", "-", plan.resource.lower())
    return f"{resource}_{at:%Y-%m-%d}.{extension(plan)}"
