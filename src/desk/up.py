"""`desk up`: the database, the web, the workers and the sweep as one thing that starts and ends."""

import contextlib
import fcntl
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib import error, request

from desk import embedded, env, places
from desk.processes import Child, desk_command, end_all

__all__ = ["CannotStart", "Wanted", "run", "worker_command"]

logger = logging.getLogger(__name__)

WATCH_SECONDS = 0.2
READY_SECONDS = 60
END_SECONDS = 4.5  # with the database's own 4 s, everything has ended 10 s after SIGTERM
FAILURES_BEFORE_READY = 4
# Of each of the two web processes: downloads hold a thread each, and one process may get them all.
WEB_THREADS = 24
POLL_SECONDS = 0.15  # how often an idle worker looks for work


class CannotStart(Exception):
    """Desk cannot start; the text says why, in one sentence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was asked for on the command line."""

    host: str
    port: int
    workers: int
    demo: bool


def run(wanted: Wanted, say: Callable[[str], None]) -> None:
    """Start everything, keep it running, end it on SIGTERM or Ctrl-C.

    Raises CannotStart with one sentence where the port, the folder or the database is to blame.
    """
    stop = _Stop()
    with _folder(env.data_dir()), _listen(wanted) as listener, _database() as server:
        variables = _variables(wanted)
        _prepare(wanted, variables, stop)
        children = _children(wanted, listener, variables)
        try:
            _until_ready(wanted, children, stop)
            if not stop.asked:
                say(f"Desk is ready at {variables['DESK_URL']}")
            while not stop.asked:
                _watch(children, server)
                time.sleep(WATCH_SECONDS)
        finally:
            listener.close()
            end_all(children, seconds=END_SECONDS)


class _Stop:
    """Remembers that the end was asked for."""

    def __init__(self) -> None:
        self.asked = False
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: object) -> None:
        self.asked = True


@contextlib.contextmanager
def _folder(folder: Path) -> Iterator[None]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "up.lock").open("a+")
    except OSError as problem:
        raise CannotStart(
            f"The folder {folder} cannot be written: {problem.strerror}. "
            "Set DESK_DATA_DIR to one that can."
        ) from problem
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as problem:
            lock.seek(0)
            raise CannotStart(
                f"Desk is already running on {folder} (process {lock.read().strip() or 'unknown'})."
            ) from problem
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        yield


@contextlib.contextmanager
def _listen(wanted: Wanted) -> Iterator[socket.socket]:
    """Take the port before anything else, and hold it while the web process is replaced."""
    family = socket.AF_INET6 if ":" in wanted.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((wanted.host, wanted.port))
        except (OSError, OverflowError) as problem:
            why = getattr(problem, "strerror", None) or str(problem)
            raise CannotStart(
                f"Port {wanted.port} of {wanted.host} is taken or not allowed ({why}). "
                "Choose another with --port or PORT."
            ) from problem
        listener.listen(128)
        yield listener


@contextlib.contextmanager
def _database() -> Iterator[Any]:
    """Run the embedded database, unless DATABASE_URL names another."""
    if os.environ.get("DATABASE_URL"):
        yield None
        return
    try:
        server = embedded.start(embedded.folder())
    except (OSError, RuntimeError, subprocess.SubprocessError) as problem:
        logger.warning("database does not start error=%s", problem)
        log = embedded.folder() / "log"
        raise CannotStart(f"The embedded database does not start; its log is {log}.") from problem
    try:
        yield server
    finally:
        embedded.stop(server)


def _variables(wanted: Wanted) -> dict[str, str]:
    # Compared, not listened on.
    shown = "127.0.0.1" if wanted.host in {"0.0.0.0", "::"} else wanted.host  # noqa: S104
    return {
        **os.environ,
        "DESK_DATA_DIR": str(env.data_dir()),
        "DESK_URL": os.environ.get("DESK_URL") or f"http://{shown}:{wanted.port}",
    }


def _prepare(wanted: Wanted, variables: dict[str, str], stop: _Stop) -> None:
    """Migrate, collect static files and make the demo, in a process that gives its memory back."""
    command = desk_command("prepare", *(["--demo"] if wanted.demo else []))
    task = Child(name="prepare", command=command, env=variables)
    task.start()
    while task.running() and not stop.asked:
        time.sleep(WATCH_SECONDS / 4)
    if task.running():
        end_all([task], seconds=END_SECONDS)
    elif task.failed():
        raise CannotStart("Desk could not be prepared; what went wrong stands above.")


def _children(wanted: Wanted, listener: socket.socket, variables: dict[str, str]) -> list[Child]:
    web = [
        sys.executable,
        "-m",
        "gunicorn",
        "desk.wsgi:application",
        "--bind",
        f"fd://{listener.fileno()}",
        "-w",
        "2",
        "--threads",
        str(WEB_THREADS),
        "--timeout",
        "0",
        "--graceful-timeout",
        "3",
        "--log-level",
        "warning",
        "--no-control-socket",
        # Imported once for both processes, and there at once when one of them dies.
        "--preload",
        # Whom to believe about the scheme is Desk's own matter (`DESK_PROXY`).
        "--forwarded-allow-ips",
        "",
    ]
    worker = worker_command()
    return [
        Child(name="web", command=web, env=variables, pass_fds=(listener.fileno(),)),
        *(
            Child(name=f"worker {number}", command=worker, env=variables)
            for number in range(1, wanted.workers + 1)
        ),
        Child(name="sweep", command=desk_command("sweep_exports", "--skip-checks"), env=variables),
    ]


def worker_command() -> list[str]:
    """Give the command line of a worker: Celery's where a broker is named, else the database's."""
    return _celery_worker() if places.queue() else _database_worker()


def _database_worker() -> list[str]:
    return desk_command(
        "db_worker",
        "--queue-name",
        "*",
        "--interval",
        str(POLL_SECONDS),
        "--no-startup-delay",
        "--verbosity",
        "0",
        "--skip-checks",
    )


def _celery_worker() -> list[str]:
    # One process, one export: what ends the process ends no other export.
    return [
        *(sys.executable, "-m", "celery", "--quiet", "--app", "desk.queue", "worker"),
        *("--pool", "solo", "--loglevel", "warning"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat"),
    ]


def _watch(children: list[Child], server: Any) -> None:
    if server is not None and not embedded.running():
        logger.warning("database ended, starting it again")
        try:
            embedded.restart(server)
        except (OSError, RuntimeError, subprocess.SubprocessError) as problem:
            logger.warning("database does not start error=%s", type(problem).__name__)
    for child in children:
        child.watch()


def _until_ready(wanted: Wanted, children: list[Child], stop: _Stop) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not stop.asked:
        for child in children:
            child.watch()
            if child.failures >= FAILURES_BEFORE_READY:
                raise CannotStart(
                    f"The {child.name} process does not stay up; see its lines above."
                )
        if _answers(wanted):
            return
        if time.monotonic() > deadline:
            raise CannotStart(f"Desk did not answer within {READY_SECONDS} s.")
        time.sleep(WATCH_SECONDS / 2)


def _answers(wanted: Wanted) -> bool:
    # Looked up, not listened on.
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(wanted.host, wanted.host)  # noqa: S104
    try:
        with request.urlopen(f"http://{host}:{wanted.port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (error.URLError, OSError):
        return False
