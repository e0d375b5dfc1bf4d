"""The doorbell: wake some worker for a job. It carries the id only; the job's row is the truth."""

import logging
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils.module_loading import import_string

from waybill import conf
from waybill.jobs import database

__all__ = ["ring"]

logger = logging.getLogger(__name__)


def ring(job_id: UUID, *, delay: float = 0, priority: int = 0) -> None:
    """Ring once the transaction is committed, to be heard after `delay` seconds.

    A ring that fails is not an error: the sweep finds the job by its row.
    """
    call = partial(_call, job_id, delay, priority)
    transaction.on_commit(call, using=database.alias())


def _call(job_id: UUID, delay: float, priority: int) -> None:
    try:
        import_string(conf.settings().doorbell)(str(job_id), delay=delay, priority=priority)
    except Exception as problem:  # noqa: BLE001 - any queue's failure means the same: nobody heard
        logger.warning("doorbell failed job=%s error=%s", job_id, type(problem).__name__)
