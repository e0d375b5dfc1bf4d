"""A running `desk up` as a test sees it from outside."""

import atexit
import contextlib
import functools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
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


def wait_for[T](what: Callable[[], T], *, seconds: float = 90) -> T:
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

    def wait_until_ready(self, *, seconds: float = 240) -> None:
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

    def command(
        self, words: list[str], *, cwd: Path, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run a `desk` command beside it, on its folder."""
        return subprocess.run(
            [sys.executable, "-m", *words],
            env={**_environment(self.folder), **variables},
            cwd=cwd,
            check=False,
            capture_output=True,
            text=True,
            timeout=180,
        )

    def end(self, number: signal.Signals = signal.SIGTERM, *, seconds: float = 90) -> int:
        """Send a signal and give the exit code."""
        self.process.send_signal(number)
        return self.process.wait(seconds)


def _environment(folder: Path) -> dict[str, str]:
    ours = ("DATABASE_URL", "DJANGO_SETTINGS_MODULE", "PORT")
    kept = {n: v for n, v in os.environ.items() if not n.startswith("DESK_") and n not in ours}
    return {**kept, "DESK_DATA_DIR": str(folder)}


def _launch(folder: Path, port: int, *words: str, **variables: str) -> DeskUp:
    command = [sys.executable, "-m", "desk", "up", "--port", str(port), *words]
    process = subprocess.Popen(
        command,
        env={**_environment(folder), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    up = DeskUp(process, folder, port)
    up.reader = threading.Thread(target=up.read)
    up.reader.start()
    return up


@contextlib.contextmanager
def _new_folder() -> Iterator[Path]:
    # Not in pytest's own folder: each run of pytest closes that to other users, and as root the
    # embedded database runs as another user.
    with tempfile.TemporaryDirectory(prefix="desk-", ignore_cleanup_errors=True) as folder:
        yield Path(folder).resolve() / "var"


@functools.cache
def _prepared() -> Path:
    """Give a data folder as a first start leaves it: made once, for copies of it."""
    folder = Path(tempfile.mkdtemp(prefix="desk-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    up = _launch(folder / "var", free_port(), "--workers", "0")
    try:
        up.wait_until_ready()
    finally:
        _end([up])
    return up.folder


def _copy_prepared(folder: Path) -> None:
    # `cp` keeps whose files they are: as root the embedded database runs as another user.
    subprocess.run(["cp", "-a", str(_prepared()), str(folder)], check=True)


@pytest.fixture
def desk_folder() -> Iterator[Path]:
    """The name of a data folder that is not there yet."""
    with _new_folder() as folder:
        yield folder


@pytest.fixture
def start_desk(desk_folder: Path) -> Iterator[Callable[..., DeskUp]]:
    """Start `desk up` with words and variables of one's own; all are ended after the test.

    `prepared` takes a folder on which a Desk has run before, which starts in half of the time.
    """
    started: list[DeskUp] = []

    def start(
        *words: str,
        port: int = 0,
        folder: Path = desk_folder,
        prepared: bool = False,
        **variables: str,
    ) -> DeskUp:
        if prepared:
            _copy_prepared(folder)
        up = _launch(folder, port or free_port(), *words, **variables)
        started.append(up)
        return up

    yield start
    _end(started)


@pytest.fixture(scope="module")
def running_desk() -> Iterator[DeskUp]:
    """A Desk with one worker that the tests of a file share."""
    with _new_folder() as folder:
        _copy_prepared(folder)
        up = _launch(folder, free_port(), "--workers", "1")
        try:
            up.wait_until_ready()
            yield up
        finally:
            _end([up])


def _end(started: list[DeskUp]) -> None:
    for up in started:
        if up.process.poll() is None:
            up.end()
        up.reader.join()
