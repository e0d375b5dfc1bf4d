"""The names of files: the key in the storage, which nobody typed, and the name people see."""

import re
import secrets
from datetime import datetime
from uuid import UUID

from waybill import errors
from waybill.values import Plan

__all__ = ["check_key", "content_type", "download_name", "extension", "new_key"]

KEY = re.compile(r"exports/[0-9a-f-]{36}/[0-9a-f]{32}-[a-z0-9_-]+(\.[a-z]+){1,2}")
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
    return check_key(f"exports/{job_id}/{secrets.token_hex(16)}-{resource}.{extension(plan)}")


def check_key(key: str) -> str:
    """Give the key back; raises `StorageDown` for one that this module did not make."""
    if not KEY.fullmatch(key):
        raise errors.StorageDown("a key of another form")
    return key


def download_name(plan: Plan, at: datetime) -> str:
    """Name the file as it lands in somebody's downloads."""
    resource = re.sub(r"[^a-z0-9_-]", "-", plan.resource.lower())
    return f"{resource}_{at:%Y-%m-%d}.{extension(plan)}"
