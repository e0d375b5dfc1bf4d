"""The sweep: rescues jobs, rings again, expires, removes what nobody owns. Safe to run anywhere.

Each step is found by rows and done by guarded updates, so two sweeps at once, or one that was
killed, do no harm; what fails is tried by the next.
"""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import batched
from types import MappingProxyType
from uuid import UUID

from django.db import DatabaseError
from django.utils.module_loading import import_string

from waybill import conf, errors
from waybill.jobs import audit, bell, database, due, files, lease, limits, presence, queries, totals
from waybill.states import Status
from waybill.store.names import is_ours
from waybill.store.spool import abandoned
from waybill.store.vault import vault
from waybill.values import Kept

__all__ = ["STEPS", "sweep"]

logger = logging.getLogger(__name__)

ORPHAN_BATCH = 500  # keys a query asks for
STEP_SECONDS = 10  # a heap of old files may not keep a sweep from the exports that wait for it


def sweep() -> dict[str, int]:
    """Make one pass; returns how many things each step did. A step that fails stops no other."""
    done = {}
    for name, step in STEPS.items():
        try:
            done[name] = step()
        except (DatabaseError, errors.WaybillError, OSError) as problem:
            logger.warning("sweep step failed step=%s error=%s", name, type(problem).__name__)
            done[name] = 0
    if any(done.values()):
        logger.info("sweep %s", " ".join(f"{name}={count}" for name, count in done.items()))
    return done


def _rescue() -> int:
    return sum(_rescued(job_id) for job_id in due.stalled())


def _rescued(job_id: UUID) -> bool:
    rescued = lease.rescue(job_id)
    if rescued and queries.get(job_id).status == Status.PENDING:
        bell.ring(job_id)
    return rescued


def _expire() -> int:
    end, count = time.monotonic() + STEP_SECONDS, 0
    while batch := due.expired():
        done = sum(due.expire(job_id) for job_id in batch)
        count += done
        if not done or time.monotonic() > end:
            break
    return count


def _remove() -> int:
    end, count, last = time.monotonic() + STEP_SECONDS, 0, 0
    # What cannot be removed now is passed by: the next sweep comes to it again.
    while batch := files.leftovers(after=last):
        count += sum(map(_removed, batch))
        last = batch[-1].file_id
        if time.monotonic() > end:
            break
    return count


def _removed(leftover: files.Leftover) -> bool:
    try:
        vault(leftover.kept.alias).remove(leftover.kept)
    except errors.WaybillError as problem:
        # The row stays, so the next sweep tries again: a storage that is down comes back.
        logger.warning("removal failed file=%d code=%s", leftover.file_id, problem.code)
        return False
    files.gone(leftover.file_id)
    return True


def _clear_orphans() -> int:
    """Remove what lies in the storage without a row, as after the restore of an older backup.

    Only objects that this installation made, and only old ones: an attempt may be storing its file.
    """
    settings = conf.settings()
    if not due.turn("orphans", seconds=settings.orphan_check_seconds):
        return 0
    place = vault(settings.storage)
    before = database.clock() - timedelta(seconds=settings.orphan_seconds)
    ours = (key for key in place.stored(before) if is_ours(key))
    count = 0
    for batch in batched(ours, ORPHAN_BATCH):
        for key in sorted(files.unknown(batch)):
            place.remove(Kept(alias=settings.storage, key=key, bytes=0, sha256=""))
            logger.warning("orphan removed key=%s", key)
            count += 1
    return count


def _clear_spool() -> int:
    count = 0
    for path in abandoned():
        path.unlink(missing_ok=True)
        count += 1
    return count


def _tidy() -> int:
    return sum(import_string(name)() for name in conf.settings().tidy)


def _anchor() -> int:
    audit.anchor()
    return 0


STEPS: Mapping[str, Callable[[], int]] = MappingProxyType(
    {
        "rescued": _rescue,
        "rung": due.ring_lost,
        "expired": _expire,
        "warned": due.warn_expiring,
        "removed": _remove,
        "orphans": _clear_orphans,
        "unspooled": _clear_spool,
        "forgotten": limits.forget_old,
        "tidied": _tidy,
        "anchored": _anchor,
        "counted": totals.keep,
        "unseen": presence.forget_old,
    }
)
