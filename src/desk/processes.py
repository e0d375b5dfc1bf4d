"""Child processes that are kept running: started, watched, started again, ended together."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["Child", "desk_command", "end_all"]

logger = logging.getLogger(__name__)

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 4.0  # with the start of an interpreter, what dies is back within 5 s
STEADY_SECONDS = 10.0  # who lived this long starts again without a pause
PR_SET_PDEATHSIG = 1  # prctl(2)


def desk_command(*words: str) -> list[str]:
    """Give the command line of one of our own commands."""
    return [sys.executable, "-m", "desk", *words]


@dataclass(slots=True, kw_only=True)
class Child:
    """One process that is wanted: how it is started, and how often it has failed of late."""

    name: str
    command: Sequence[str]
    env: dict[str, str]
    pass_fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    due: float = field(default=0.0)

    def start(self) -> None:
        """Start the process in a session of its own, so that Ctrl-C reaches the parent alone."""
        self.process = subprocess.Popen(
            self.command,
            env=self.env,
            pass_fds=self.pass_fds,
            start_new_session=True,
            # Safe here: the parent has no threads. Without it a killed parent leaves orphans.
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
        )
        self.started = time.monotonic()

    def running(self) -> bool:
        """Say whether the process lives."""
        return self.process is not None and self.process.poll() is None

    def failed(self) -> bool:
        """Say whether the process has ended with an error."""
        return self.process is not None and bool(self.process.poll())

    def watch(self) -> None:
        """Start the process again if it has died, after a pause that doubles with each failure."""
        if self.process is None:
            if time.monotonic() >= self.due:
                self.start()
            return
        code = self.process.poll()
        if code is None:
            return
        lived = time.monotonic() - self.started
        self.failures = 0 if lived >= STEADY_SECONDS else self.failures + 1
        pause = 0.0
        if self.failures:
            pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (self.failures - 1))
        self.process, self.due = None, time.monotonic() + pause
        logger.warning("process ended name=%s code=%s again_in=%.1f", self.name, code, pause)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the process, or to its whole session when it must end at once."""
        if self.process is None or not self.running():
            return
        if number == signal.SIGKILL:
            os.killpg(self.process.pid, number)
        else:
            self.process.send_signal(number)


def end_all(children: Sequence[Child], *, seconds: float) -> None:
    """End every child: asked first, after `seconds` made to."""
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + seconds
    for child in children:
        if child.process is None:
            continue
        try:
            child.process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            logger.warning("process did not end in time name=%s", child.name)
            child.signal(signal.SIGKILL)
            child.process.wait()


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
