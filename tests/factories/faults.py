"""What strikes a worker at a point of its run: the hook of the setting `fault_hook`."""

import json
import os
import signal
import time
from pathlib import Path

from django.core.exceptions import PermissionDenied
from django.db import OperationalError

from waybill.models import ExportFile

__all__ = ["HOOK", "Unspeakable", "fault", "strike"]

HOOK = "tests.factories.faults.strike"
HELD_SECONDS = 120


class Unspeakable(Exception):
    """An error that cannot even be told."""

    def __str__(self):
        raise RuntimeError("no words")


SIGNALS = {"SIGKILL", "SIGSTOP", "SIGTERM", "SIGINT"}
ERRORS = {
    "ValueError": lambda: ValueError("secret cell"),
    "huge": lambda: ValueError("x" * 10_000_000),
    "unspeakable": Unspeakable,
    "OperationalError": OperationalError,
    "PermissionDenied": PermissionDenied,
    "MemoryError": MemoryError,
    "RecursionError": RecursionError,
    "SystemExit": lambda: SystemExit(1),
    "KeyboardInterrupt": KeyboardInterrupt,
}


def fault(act, point, folder, *, times=1, job=None, at=0, seconds=0.2):
    """Describe a fault for a worker's environment; it strikes `times` times in all processes.

    A pace of so many `seconds` is kept at every call.
    """
    said = {
        "act": act,
        "point": point,
        "folder": str(folder),
        "times": times,
        "job": job and str(job),
        "at": at,
        "seconds": seconds,
    }
    return {"variables": {"WAYBILL_FAULT": json.dumps(said)}, "fault_hook": HOOK}


def strike(point, job_id, rows):
    """Do what the environment says, if this is the point."""
    said = json.loads(os.environ.get("WAYBILL_FAULT", "{}"))
    if said.get("point") != point or rows < said["at"]:
        return
    if said["job"] and said["job"] != str(job_id):
        return
    if said["act"] == "pace":
        time.sleep(said["seconds"])
    elif _first(Path(said["folder"]), said["times"]):
        _do(said["act"], job_id, Path(said["folder"]))


def _do(act, job_id, folder):
    if act == "hold":
        _hold(folder)
    elif act == "forget":
        # What a standby that lags has not heard of when it takes over.
        ExportFile.objects.filter(job_id=job_id).delete()
    elif act in SIGNALS:
        # A stopped process goes on from here once it is continued, a told one until it looks.
        os.kill(os.getpid(), getattr(signal, act))
    else:
        problem = ERRORS[act]()
        raise problem


def _hold(folder):
    """Stand still until the test lets go."""
    (folder / "held").touch()
    end = time.monotonic() + HELD_SECONDS
    while not (folder / "go").exists() and time.monotonic() < end:
        time.sleep(0.02)


def _first(folder, times):
    """Take one of the strikes that are left, in whichever process."""
    for number in range(times):
        try:
            (folder / f"strike-{number}").touch(exist_ok=False)
        except FileExistsError:
            continue
        return True
    return False
