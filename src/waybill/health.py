"""Whether the parts that exports need are there, each told apart, for a host's health page."""

import tempfile
import time
from pathlib import Path

from django.core.files.storage import storages
from django.core.files.storage.filesystem import FileSystemStorage
from django.db import DatabaseError

from waybill import conf
from waybill.jobs import overview, presence

__all__ = ["queue", "storage", "workers"]

PROBE = "exports/none/none"
FRESH = 15.0  # seconds; a health page is asked often, and a remote storage costs a call
_storage: dict[str, tuple[float, str]] = {}


def storage() -> str:
    """Say `ok`, or what keeps files from being stored."""
    name = conf.settings().storage
    asked, said = _storage.get(name, (0.0, ""))
    if not said or time.monotonic() - asked > FRESH:
        said = _asked(name)
        _storage[name] = (time.monotonic(), said)
    return said


def queue() -> str:
    """Say `ok`, or that exports wait longer than it takes to ring for them again."""
    try:
        waiting = overview.queue()
    except DatabaseError:
        return "does not answer"
    if waiting.oldest > 2 * conf.settings().lost_ring_seconds:
        return f"{waiting.length} waiting, the oldest for {waiting.oldest:.0f} s"
    return "ok"


def workers() -> str:
    """Say how many workers are there."""
    try:
        count = len(presence.seen())
    except DatabaseError:
        return "unknown"
    return f"{count} there" if count else "none seen"


def _asked(name: str) -> str:
    kept = storages[name] if name else None
    try:
        if kept is None or isinstance(kept, FileSystemStorage):
            _write(Path(kept.location) if kept else conf.settings().files)
        else:
            kept.exists(PROBE)
    except OSError as problem:
        return f"does not answer: {type(problem).__name__}"
    except Exception as problem:  # noqa: BLE001 - every client of a storage has errors of its own
        return f"does not answer: {type(problem).__name__}"
    return "ok"


def _write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryFile(dir=folder):
        return
