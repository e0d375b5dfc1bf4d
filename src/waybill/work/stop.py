"""Telling a running attempt to stop, from any thread, with the reason."""

import logging
from collections.abc import Callable
from threading import Event, Lock

__all__ = ["Stop"]

logger = logging.getLogger(__name__)


class Stop:
    """A mark that an attempt looks at, and what must be called to wake it up."""

    def __init__(self) -> None:
        """Begin unmarked."""
        self._lock = Lock()
        self._marked = Event()
        self._wakers: list[Callable[[], object]] = []
        self.reason: BaseException | None = None

    def __call__(self, reason: BaseException) -> None:
        """Stop the attempt; the first reason given counts."""
        with self._lock:
            if self._marked.is_set():
                return
            self.reason = reason
            self._marked.set()
            wakers = list(self._wakers)
        for wake in wakers:
            _wake(wake)

    def wakes(self, wake: Callable[[], object]) -> None:
        """Have `wake` called at the stop, at once if that was before."""
        with self._lock:
            self._wakers.append(wake)
            late = self._marked.is_set()
        if late:
            _wake(wake)

    def check(self) -> None:
        """Raise the reason, if there is one."""
        if self.reason is not None:
            raise self.reason


def _wake(wake: Callable[[], object]) -> None:
    try:
        wake()
    except Exception as problem:  # noqa: BLE001 - what is over need not be woken
        logger.debug("waking failed error=%s", type(problem).__name__)
