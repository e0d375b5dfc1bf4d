"""A running `desk up` as a test sees it from outside."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

__all__ = ["DeskUp", "desk_folder", "free_port", "running_desk", "start_desk", "wait_for"]


def free_port() -> int:
    """Give a port that nobody has right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for[T](what: Callable[[], T], *, seconds: float = 30) -> T:
    """Ask until the answer is true, and give it; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (answer := what()):
        if time.monotonic() > deadline:
            pytest.fail(f"did not happen within {seconds} s")
        threading.Event().wait(0.05)
    return answer


@dataclass
class DeskUp:
    """The process, its lines, and what it runs."""

    process: subprocess.Popen[str]
    folder: Path
    port: int
    lines: list[str] = field(default_factory=list)
    reader: threading.Thread = field(default_factory=threading.Thread)

    @property
    def url(self) -> str:
        """The address it answers on."""
        return f"http://127.0.0.1:{self.port}"

    def read(self) -> None:
        """Keep reading the lines, so that the process never waits for us."""
        assert self.process.stdout
        with self.process.stdout as lines:
            for line in lines:
                self.lines.append(line.rstrip("\n"))

    def wait_until_ready(self, *, seconds: float = 60) -> None:
        """Wait for the ready line; fail with all lines if the process ends before."""

        def ready() -> bool:
            if self.process.poll() is not None:
                pytest.fail("desk up ended:\n" + "\n".join(self.lines))
            return f"Desk is ready at {self.url}" in self.lines

        wait_for(ready, seconds=seconds)

    def children(self, word: str = "") -> list[psutil.Process]:
        """Give the processes under it whose command line holds a word."""
        found = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                if word in " ".join(child.cmdline()):
                    found.append(child)
        return found

    def end(self, number: signal.Signals = signal.SIGTERM, *, seconds: float = 30) -> int:
        """Send a signal and give the exit code."""
        self.process.send_signal(number)
        return self.process.wait(seconds)


def _launch(folder: Path, port: int, *words: str, **variables: str) -> DeskUp:
    env = {name: value for name, value in os.environ.items() if not name.startswith("DESK_")}
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PORT"):
        env.pop(name, None)
    command = [sys.executable, "-m", "desk", "up", "--port", str(port), *words]
    process = subprocess.Popen(
        command,
        env={**env, "DESK_DATA_DIR": str(folder), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    up = DeskUp(process, folder, port)
    up.reader = threading.Thread(target=up.read)
    up.reader.start()
    return up


@pytest.fixture
def desk_folder(tmp_path: Path) -> Path:
    """A data folder with nothing in it."""
    return tmp_path / "var"


@pytest.fixture
def start_desk(desk_folder: Path) -> Iterator[Callable[..., DeskUp]]:
    """Start `desk up` with words and variables of one's own; all are ended after the test."""
    started: list[DeskUp] = []

    def start(*words: str, port: int = 0, folder: Path = desk_folder, **variables: str) -> DeskUp:
        up = _launch(folder, port or free_port(), *words, **variables)
        started.append(up)
        return up

    yield start
    _end(started)


@pytest.fixture(scope="module")
def running_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskUp]:
    """A Desk with one worker that the tests of a file share."""
    up = _launch(tmp_path_factory.mktemp("desk") / "var", free_port(), "--workers", "1")
    up.wait_until_ready()
    yield up
    _end([up])


def _end(started: list[DeskUp]) -> None:
    for up in started:
        if up.process.poll() is None:
            up.end()
        up.reader.join()
