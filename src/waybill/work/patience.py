"""What must reach the job's row is tried until the database is back."""

import logging
import time
from collections.abc import Callable

from django.db import InterfaceError, OperationalError

from waybill import conf
from waybill.jobs import database

__all__ = ["patiently"]

logger = logging.getLogger(__name__)

LONGEST_PAUSE = 5.0


def patiently[T](call: Callable[[], T]) -> T:
    """Make the call, again and again while the database does not answer, up to the patience set.

    Each call must be guarded, so that one whose commit went through unheard does no harm.
    Raises the database's error at the end of the patience.
    """
    end = time.monotonic() + conf.settings().patience_seconds
    pause = 0.1
    while True:
        try:
            return call()
        except (OperationalError, InterfaceError) as gone:
            if time.monotonic() + pause > end:
                raise
            logger.warning("database away error=%s", type(gone).__name__)
            database.connection().close()
        time.sleep(pause)
        pause = min(LONGEST_PAUSE, pause * 2)
