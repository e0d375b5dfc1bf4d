"""A direct export: written whole into the spool, then sent, never kept (rule Z1).

Writing it whole first keeps no snapshot open for a slow reader, and a stream that breaks is never
taken for a short file: its length is told before its first byte.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

from waybill import conf, errors
from waybill.declare.policy import Person
from waybill.jobs import files, lease, settle
from waybill.jobs.database import atomic
from waybill.jobs.log import Actor, Line, append
from waybill.models import ExportJob
from waybill.states import Event
from waybill.store.names import content_type, download_name
from waybill.work.heart import Heart
from waybill.work.patience import patiently
from waybill.work.produce import Product, produced
from waybill.work.run import time_limit
from waybill.work.stop import Stop
from waybill.work.taxonomy import sorted_out

__all__ = ["Direct", "deliver"]

CHUNK_BYTES = 256 * 1024


class Direct:
    """A written file on its way to a person: iterate it once, or close it.

    Yields bytes. The job is completed when the last of them is taken, and fails as `stream_lost`
    when the iteration is given up before, or takes longer than the setting `stream_seconds`.
    """

    def __init__(self, job: ExportJob, by: Person | None, address: str) -> None:
        """Write the file; raises what a run can raise, with the job failed."""
        self.job = job
        self.by = by
        self.actor = Actor.of(by, address)
        self.held = lease.held_on(job)
        self.stop = Stop()
        self.ended = False
        self.open = ExitStack()
        try:
            self.product = self._produced()
        except BaseException as problem:
            self._fail(sorted_out(self.stop.reason or problem))
            raise

    @property
    def receipt(self) -> dict[str, Any]:
        """The signed receipt."""
        return self.product.receipt

    @property
    def size(self) -> int:
        """The length of the file in bytes."""
        return self.product.written.bytes

    @property
    def sha256(self) -> str:
        """The hash of the file, in hex."""
        return self.product.written.sha256

    @property
    def name(self) -> str:
        """The name that the file should be saved under."""
        return download_name(self.product.plan, self.job.requested_at)

    @property
    def content_type(self) -> str:
        """The media type."""
        return content_type(self.product.plan)

    def __iter__(self) -> Iterator[bytes]:
        """Send the file."""
        try:
            self._log(Event.DOWNLOAD_STARTED)
            held = b""
            for piece in self._pieces():
                if held:
                    yield held
                held = piece
            # All but the last bytes are gone: nobody has the file without its line in the log.
            self._complete()
            yield held
        finally:
            self.close()

    def close(self) -> None:
        """End it: as it ended, or as a stream that was lost."""
        if not self.ended:
            self._fail(errors.StreamLost())

    def _produced(self) -> Product:
        limit = time_limit(self.held)
        self.heart = self.open.enter_context(Heart(self.held, self.stop, limit=limit))
        # Who asked is still there, with the rights that were looked at a moment ago.
        writing = produced(self.held, self.heart, self.stop, by=self.by, at_once=True)
        product = self.open.enter_context(writing)
        self.source = self.open.enter_context(product.spool.path.open("rb"))
        # What a killed process leaves has no name any more.
        product.spool.path.unlink()
        self.heart.limit = conf.settings().stream_seconds
        return product

    def _pieces(self) -> Iterator[bytes]:
        # At least two: the first one leaves before the lines are written that the last waits for.
        size = min(CHUNK_BYTES, self.size // 2 + 1)
        while piece := self.source.read(size):
            self.stop.check()
            yield piece

    def _complete(self) -> None:
        self.heart.finish()
        file_id = files.announce(
            self.held,
            kept=None,
            written=self.product.written,
            name=self.name,
            content_type=self.content_type,
            receipt=self.receipt,
        )
        with atomic():
            settle.complete(
                self.held,
                written=self.product.written,
                file_id=file_id,
                milliseconds=int(self.heart.seconds * 1000),
            )
            self._log(Event.DOWNLOADED, bytes=self.size)
        self.ended = True
        self.open.close()

    def _log(self, event: Event, **details: int) -> None:
        with atomic():
            append(self.job.pk, Line(event, actor=self.actor, details=details))

    def _fail(self, problem: errors.WaybillError) -> None:
        self.ended = True
        self.open.close()
        patiently(lambda: settle.fail_attempt(self.held, problem))


def deliver(job: ExportJob, *, by: Person | None, address: str) -> Direct:
    """Write a direct export and give it for sending; raises `RunFailed` with the job failed.

    `job` was made just now, and `by` is who asked for it, None the system.
    """
    return Direct(job, by, address)
