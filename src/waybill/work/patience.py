"""What must reach the job's row is tried until the database is back."""

import logging
import random
import time
from collections.abc import Callable

from django.db import DatabaseError, InterfaceError

from waybill import conf
from waybill.jobs import database
from waybill.work.stop import Stop
from waybill.work.taxonomy import is_away

__all__ = ["patiently"]

logger = logging.getLogger(__name__)

LONGEST_PAUSE = 5.0  # seconds
CHANCE = random.SystemRandom()


def patiently[T](call: Callable[[], T], *, until: Stop | None = None) -> T:
    """Make the call, again and again while the database does not answer, up to the patience set.

    A deadlock, a failed serialization and a locked file (40P01, 40001, 1213, 1205, SQLITE_BUSY)
    pass as well. The pauses double up to 5 s, each cut by chance, so that those who met once do
    not meet again. Each call must be guarded, so that one whose commit went through unheard does
    no harm.

    Raises the database's error at the end of the patience, or the reason of the stop `until`.
    """
    end = time.monotonic() + conf.settings().patience_seconds
    pause = 0.1
    while True:
        try:
            return call()
        except (DatabaseError, InterfaceError) as gone:
            if not is_away(gone) or time.monotonic() + pause > end:
                raise
            logger.warning("database away error=%s", type(gone).__name__)
            database.connection().close()
            if until is not None:
                until.check()
        time.sleep(pause * CHANCE.uniform(0.5, 1))
        pause = min(LONGEST_PAUSE, pause * 2)
