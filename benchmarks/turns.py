"""Ways that take turns, each run a process of its own: `python -m benchmarks.turns WAY ROWS`.

A busy minute hits every way alike, and what one leaves in memory is no other's.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks import frame

__all__ = ["Found", "child", "medians"]

type Found = dict[str, dict[str, float]]  # what a way took, by its name


def medians(url: str, ways: Mapping[str, int], *, rounds: int, once: frozenset[str]) -> Found:
    """Run each way over its number of rows, `rounds` times or once; give the medians."""
    runs: dict[str, list[dict[str, float]]] = {way: [] for way in ways}
    for turn in range(rounds):
        for way, rows in ways.items():
            if turn == 0 or way not in once:
                runs[way].append(_run(url, way, rows))
    return {
        way: {key: statistics.median(one[key] for one in several) for key in several[0]}
        for way, several in runs.items()
    }


def _run(url: str, way: str, rows: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.turns", way, str(rows)]
    variables = {**os.environ, "DATABASE_URL": url}
    done = subprocess.run(command, env=variables, stdout=subprocess.PIPE, text=True, check=True)
    return {"rows": rows, **json.loads(done.stdout.splitlines()[-1])}


def child(way: str, rows: int) -> None:
    """Run a way once, on the database of DATABASE_URL, and print what it took as JSON."""
    frame.set_up()
    from django.db import connection

    import waybill.exports  # noqa: F401 - what is imported once belongs to the idle figure
    from benchmarks.ways import timed

    connection.ensure_connection()
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder:
        print(json.dumps(timed(way, Path(folder) / "file", rows)))


if __name__ == "__main__":
    child(sys.argv[1], int(sys.argv[2]))
