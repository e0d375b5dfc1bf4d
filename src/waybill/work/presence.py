"""A worker's word that it is there, said from a thread of its own while it works or waits."""

import logging
from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import Self

from django.db import Error, connections

from waybill import conf
from waybill.jobs import presence
from waybill.work.run import worker_name

__all__ = ["Presence"]

logger = logging.getLogger(__name__)


class Presence:
    """Says every few seconds that this process is there, and at its end that it leaves."""

    def __init__(self) -> None:
        """Be ready to speak."""
        self.name = worker_name()
        self.ending = Event()
        self.thread = Thread(target=self._work, name="waybill-presence", daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; a database that does not answer holds up nobody."""
        self.ending.set()
        self.thread.join(1)

    def _work(self) -> None:
        try:
            while True:
                self._say(presence.beat)
                if self.ending.wait(conf.settings().presence_seconds):
                    break
            self._say(presence.leave)
        finally:
            connections.close_all()

    def _say(self, word: Callable[[str], None]) -> None:
        try:
            word(self.name)
        except Error as gone:
            logger.warning("presence unsaid worker=%s error=%s", self.name, type(gone).__name__)
            connections.close_all()
