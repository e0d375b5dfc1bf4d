"""The sweep: rescues jobs, rings again, expires, removes what nobody owns. Safe to run anywhere.

Each step is found by rows and done by guarded updates, so two sweeps at once, or one that was
killed, do no harm; what fails is tried by the next.
"""

import logging
from collections.abc import Callable, Mapping
from types import MappingProxyType
from uuid import UUID

from django.db import DatabaseError

from waybill import errors
from waybill.jobs import audit, bell, due, files, lease, limits, queries
from waybill.states import Status
from waybill.store.spool import abandoned
from waybill.store.vault import vault

__all__ = ["STEPS", "sweep"]

logger = logging.getLogger(__name__)


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
    return sum(due.expire(job_id) for job_id in due.expired())


def _remove() -> int:
    return sum(_removed(leftover) for leftover in files.leftovers())


def _removed(leftover: files.Leftover) -> bool:
    try:
        vault(leftover.kept.alias).remove(leftover.kept)
    except errors.WaybillError as problem:
        # The row stays, so the next sweep tries again: a storage that is down comes back.
        logger.warning("removal failed file=%d code=%s", leftover.file_id, problem.code)
        return False
    files.gone(leftover.file_id)
    return True


def _clear_spool() -> int:
    count = 0
    for path in abandoned():
        path.unlink(missing_ok=True)
        count += 1
    return count


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
        "unspooled": _clear_spool,
        "forgotten": limits.forget_old,
        "anchored": _anchor,
    }
)
