"""Real worker processes on the test's database, and ways to break them."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile

from django.db import connection

from waybill import conf
from waybill.jobs import database

__all__ = [
    "AS_SHIPPED",
    "QUICK",
    "Process",
    "environment",
    "replaced",
    "sweeping",
    "until",
    "workers",
]

QUICK = {
    "lease_seconds": 5,
    "beat_seconds": 0.2,
    "bell_grace_seconds": 0.3,
    "attempt_gap_seconds": 0.5,
    "lost_ring_seconds": 2,
    "sweep_seconds": 0.5,
    "right_check_seconds": 0.3,
    "patience_seconds": 20,
}
# What nobody set: the waiting times of production.
AS_SHIPPED = {name: getattr(conf.Settings(), name) for name in QUICK}


def address():
    """Give the test database as an address for another process."""
    at = connection.settings_dict
    return f"postgresql://{at['USER']}@/{at['NAME']}?host={at['HOST']}" + (
        f"&port={at['PORT']}" if at["PORT"] else ""
    )


def elsewhere():
    """Give the settings of the database that queries are routed to, if it is not the test's own."""
    at = database.connection()
    if at.alias == "default":
        return ""
    names = ("ENGINE", "NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")
    return json.dumps({name: at.settings_dict[name] for name in names})


def environment(**given):
    """Give the environment of a process of the test; `given` are settings of WAYBILL."""
    settings = (
        QUICK
        | {"data_dir": str(conf.settings().data_dir), "keys_dir": str(conf.settings().keys)}
        | given
    )
    return {
        **os.environ,
        "DATABASE_URL": address(),
        "WAYBILL_TEST_DATABASE": elsewhere(),
        "DJANGO_SETTINGS_MODULE": "tests.worker_settings",
        "WAYBILL_FOR_TEST": json.dumps(settings),
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }


class Process:
    """A Django command in a process of its own.

    What it says goes to a file, so that no pipe ever fills, and to pytest once it is over.
    """

    def __init__(self, *command, variables=None, **given):
        self.saying = TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self.process = subprocess.Popen(
            # With checks it would import every page, at each of some two hundred starts.
            [sys.executable, "-m", "django", *command, "--skip-checks"],
            env=environment(**given) | (variables or {}),
            stdout=subprocess.DEVNULL,
            stderr=self.saying,
        )

    def send(self, number):
        """Send a signal."""
        self.process.send_signal(number)

    def kill(self):
        """Kill it without a word, and wait until it is gone."""
        self.process.kill()
        self.ended()

    def ended(self, seconds=60):
        """Wait for its end; gives its exit code and what it said."""
        code = self.process.wait(seconds)
        if self.saying.closed:
            return code, ""
        with self.saying:
            self.saying.seek(0)
            said = self.saying.read()
        sys.stderr.write(said[-20_000:])
        return code, said

    def catches(self, number):
        """Say whether it watches for a signal, so that it has come to its work."""
        said = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        caught = int(next(line for line in said if line.startswith("SigCgt")).split()[1], 16)
        return bool(caught >> (number - 1) & 1)

    @property
    def running(self):
        """Say whether it still runs."""
        return self.process.poll() is None


def worker(*, clock=0, variables=None, **given):
    """Start a worker that looks for work ten times a second, its clock wrong by some seconds."""
    return Process(
        *("db_worker", "--interval", "0.1", "--no-startup-delay", "--queue-name", "*"),
        variables={**(variables or {}), "WAYBILL_TEST_CLOCK": str(clock or "")},
        **given,
    )


@contextmanager
def workers(count=1, **given):
    """Run workers during the block; they are killed after it."""
    running = [worker(**given) for _ in range(count)]
    try:
        yield running
    finally:
        for one in running:
            one.send(signal.SIGCONT)
            one.kill()


@contextmanager
def replaced(count, **given):
    """Run workers, each replaced when it dies, as `desk up` does."""
    running = [worker(**given) for _ in range(count)]
    over = threading.Event()

    def supervise():
        while not over.wait(0.2):
            for place, one in enumerate(running):
                if not one.running:
                    one.kill()
                    running[place] = worker(**given)

    keeper = threading.Thread(target=supervise)
    keeper.start()
    try:
        yield running
    finally:
        over.set()
        keeper.join()
        for one in running:
            one.kill()


@contextmanager
def sweeping(**given):
    """Run the sweep's loop during the block."""
    process = Process("sweep_exports", **given)
    try:
        yield process
    finally:
        process.kill()


def until(condition, seconds=90):
    """Wait until something is true, and give it; fails the test after so many seconds."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {seconds} s")
