"""The heartbeat of an attempt: renews the lease, shows progress, hears of cancels."""

import logging
import time
from threading import Event, Thread
from types import TracebackType
from typing import Self
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import Error

from waybill import conf, errors, registry
from waybill.declare.policy import Person, may_start
from waybill.jobs import database, lease
from waybill.jobs.lease import Claim, Progress
from waybill.states import Stage
from waybill.work.stop import Stop

__all__ = ["BATCH_ROWS", "Heart", "check_right"]

logger = logging.getLogger(__name__)

BATCH_ROWS = 50_000
MOST_BATCHES = 100


class Heart:
    """Beats in a thread of its own, on a connection of its own, while the block runs.

    The rows move on without it: they only set `rows`, a number. It stops the attempt when the
    job is no longer ours (canceled, or fenced), when the lease could not be renewed for its own
    length, when the time limit is over, or when the requester lost the right.
    """

    def __init__(self, held: Claim, stop: Stop, *, limit: float | None) -> None:
        """Be ready to beat; `limit` is how many seconds the attempt may take."""
        self.held = held
        self.stop = stop
        self.limit = limit
        self.stage = Stage.COUNTING
        self.total: int | None = None
        self.rows = 0
        self.logged = 0
        self.began = self.renewed = self.asked = time.monotonic()
        self.ending = Event()
        self.thread = Thread(target=self._work, name="waybill-heart", daemon=True)

    def __enter__(self) -> Self:
        """Begin to beat."""
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop beating, whatever happened."""
        self._rest()

    @property
    def _id(self) -> UUID:
        return self.held.job_id

    @property
    def seconds(self) -> float:
        """How long the attempt runs."""
        return time.monotonic() - self.began

    def count(self, total: int) -> None:
        """Show that the rows were counted and are being written."""
        self.total = total
        self.stage = Stage.EXPORTING

    def store(self) -> None:
        """Show that the file is whole and is being stored."""
        self.stage = Stage.UPLOADING

    def finish(self) -> None:
        """Stop beating, with all batches logged; the lease runs on for what settles the job."""
        self._rest()
        self._check_lease()
        self.stop.check()

    def at(self, rows: int) -> None:
        """Show how many rows are written; cheap enough to be called for every chunk.

        A beat that hangs in a dead connection cannot stop the attempt; the rows do it here.
        """
        self.rows = rows
        self._check_lease()
        self.stop.check()

    def _rest(self) -> None:
        # A beat that hangs is left behind: it can do no more than renew a lease once.
        self.ending.set()
        self.thread.join(conf.settings().lease_seconds)
        if not self._beaten:
            self._end()

    def _check_lease(self) -> None:
        if self._overdue():
            self.stop(errors.Fenced(f"job={self._id} lease not renewed"))

    def _work(self) -> None:
        try:
            while not self.ending.wait(conf.settings().beat_seconds):
                self._beat()
            if self._beaten:
                self._end()
        except (errors.Fenced, errors.RightLost, errors.TimeLimit) as reason:
            self.stop(reason)
        except BaseException as broken:
            # A heart that stands still must not leave its attempt running on an unrenewed lease.
            self.stop(errors.Fenced(f"job={self._id} heart stopped"))
            logger.warning("heart stopped job=%s error=%s", self._id, type(broken).__name__)
            raise
        finally:
            database.connection().close()

    @property
    def _beaten(self) -> bool:
        """Whether the thread has a connection; to open one for the end alone takes too long."""
        return self.renewed != self.began

    def _end(self) -> None:
        try:
            self._log_batches()
        except errors.Fenced as reason:
            self.stop(reason)
        except Error as gone:
            logger.warning("last beat failed job=%s error=%s", self._id, type(gone).__name__)

    def _beat(self) -> None:
        try:
            progress = Progress(stage=self.stage, total=self.total, rows=self.rows)
            lease.renew(self.held, progress)
            self.renewed = time.monotonic()
            self._log_batches()
            self._ask_for_the_right()
        except Error as gone:
            self._missed(gone)
        if self.limit is not None and self.seconds > self.limit:
            raise errors.TimeLimit(f"seconds={self.limit}")

    def _missed(self, gone: Error) -> None:
        logger.warning("beat failed job=%s error=%s", self._id, type(gone).__name__)
        database.connection().close()
        if self._overdue():
            raise errors.Fenced(f"job={self._id} lease not renewed") from gone

    def _overdue(self) -> bool:
        return time.monotonic() - self.renewed > conf.settings().lease_seconds

    def _log_batches(self) -> None:
        if not self.total:
            return
        batch = max(BATCH_ROWS, -(-self.total // MOST_BATCHES))
        done = -(-self.total // batch) if self.rows >= self.total else self.rows // batch
        if done > self.logged:
            lease.log_batches(
                self.held, begin=self.logged + 1, end=done, batch=batch, total=self.total
            )
            self.logged = done

    def _ask_for_the_right(self) -> None:
        if time.monotonic() - self.asked < conf.settings().right_check_seconds:
            return
        self.asked = time.monotonic()
        check_right(self.held)


def check_right(held: Claim) -> Person | None:
    """Give the requester as they are now; raises `RightLost` where they may not start any more.

    None is the system. A person who was deleted or made inactive has lost the right.
    """
    if not held.requester_key:
        return None
    people = get_user_model().objects.using(database.alias())
    person = people.filter(pk=held.requester_key).first()
    if person is None or not may_start(person, registry.get(held.resource)):
        raise errors.RightLost(f"job={held.job_id}")
    return person
