"""`sweep_exports`: rescue, expire and clean up, once or for ever."""

import logging
import random
import signal
import sys
from threading import Event, Thread
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections, connections

from waybill import conf
from waybill.jobs import verdict
from waybill.work.notices import deliver_due
from waybill.work.sweep import sweep

__all__ = ["Command"]

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    """Runs the sweep."""

    help = "Rescue exports whose worker died, expire and remove files, once or in a loop."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take `--once`."""
        parser.add_argument("--once", action="store_true", help="Make one pass and end.")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        """Sweep."""
        if once:
            done = sweep() | {"told": deliver_due()}
            self.stdout.write(", ".join(f"{name} {count}" for name, count in done.items()))
            return
        self._forever()

    def _forever(self) -> None:
        waiting = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            # A container's first process would not hear it without a handler. Whatever step is
            # under way is rolled back, and the next sweep does it.
            signal.signal(number, _end)
        # Apart from the sweep, so that a slow mail server never holds up the rescue of a job.
        Thread(target=_post, name="waybill-post", daemon=True).start()
        while True:
            close_old_connections()
            try:
                sweep()
            except DatabaseError:
                connections.close_all()
            pause = conf.settings().sweep_seconds
            # Sweeps of many hosts drift apart instead of meeting at every turn.
            waiting.wait(pause * random.uniform(0.8, 1.2))  # noqa: S311 - no secret


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(0)


def _post() -> None:
    """Send what lies in the outbox, and once a day walk over the log."""
    waiting = Event()
    while True:
        close_old_connections()
        try:
            deliver_due()
            if verdict.overdue():
                verdict.walk()
        except Exception as problem:  # noqa: BLE001 - the post goes on whatever one pass met
            logger.warning("post failed error=%s", type(problem).__name__)
            connections.close_all()
        waiting.wait(conf.settings().sweep_seconds)
