"""A second thread for what releases Python's lock: hashing and writing files."""

from collections.abc import Callable
from queue import Queue
from threading import Thread
from types import TracebackType
from typing import Self

__all__ = ["Relay"]

WAITING = 16  # calls, of about 256 KiB each: what a slow disk may hold up in memory


class Relay:
    """Runs calls one after the other in a thread; the block ends when all have run.

    The first error of a call is raised by the next `put` or by the end of the block.
    """

    def __init__(self) -> None:
        self.queue: Queue[tuple[Callable[[bytes], object], bytes] | None] = Queue(WAITING)
        self.thread = Thread(target=self.work, name="waybill-relay", daemon=True)
        self.failure: BaseException | None = None

    def put(self, call: Callable[[bytes], object], data: bytes) -> None:
        """Have the thread call `call(data)` after what was put before."""
        if self.failure is not None:
            raise self.failure
        self.queue.put((call, data))

    def work(self) -> None:
        """Run the calls; after an error only take them, so that nobody waits for ever."""
        while (one := self.queue.get()) is not None:
            if self.failure is not None:
                continue
            call, data = one
            try:
                call(data)
            except BaseException as failure:  # noqa: BLE001 - raised again where it is waited for
                self.failure = failure

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for the calls; raise their error where the block had none of its own."""
        self.queue.put(None)
        self.thread.join()
        if error is None and self.failure is not None:
            raise self.failure
