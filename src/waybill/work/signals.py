"""SIGTERM and SIGINT while an attempt runs: it is handed back, then the process goes on to end."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from threading import Thread, current_thread, main_thread
from types import FrameType
from typing import Any

from waybill.work.stop import Stop
from waybill.work.taxonomy import Shutdown

__all__ = ["stopping"]

WATCHED = (signal.SIGTERM, signal.SIGINT)


@contextmanager
def stopping(stop: Stop) -> Iterator[None]:
    """Stop the attempt at a signal, and let whoever watched for it before hear of it too."""
    if current_thread() is not main_thread():
        yield
        return
    unheard: list[int] = []
    before = {number: signal.getsignal(number) for number in WATCHED}

    def heard(number: int, frame: FrameType | None) -> None:
        # The wakers talk to the database: not from inside a signal handler.
        Thread(target=stop, args=(Shutdown(),), name="waybill-stop", daemon=True).start()
        previous = before[signal.Signals(number)]
        if callable(previous):
            previous(number, frame)
        elif previous == signal.SIG_DFL:
            unheard.append(number)

    _watch(dict.fromkeys(WATCHED, heard))
    try:
        yield
    finally:
        _watch(before)
        for number in unheard[:1]:
            signal.raise_signal(number)


def _watch(handlers: Mapping[signal.Signals, Any]) -> None:
    for number, handler in handlers.items():
        signal.signal(number, handler)
