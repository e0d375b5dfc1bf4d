"""How soon a running export has stopped, its query in the database included, after a cancel.

`python -m benchmarks.cancel [--rows N]`; the rows, 1,000,000 by default, are what it is cut off
from. The moment of the cancel is by chance, so that it meets the beats of the run anywhere.
"""

import argparse
import random
import threading
import time

from benchmarks import frame
from benchmarks.background import prepared

__all__ = ["main"]

ROWS = 1_000_000
ROUNDS = 20


def main(rows: int = ROWS) -> None:
    """Print the table."""
    chance = random.Random(5)
    with prepared(rows):
        seconds = sorted(canceled(chance.uniform(0.2, 2)) for _ in range(ROUNDS))
    shown = [
        ("soonest", seconds[0]),
        ("median", seconds[ROUNDS // 2]),
        ("latest", seconds[-1]),
    ]
    print(frame.table((f"{ROUNDS} cancels of an export of {rows:,} tickets", "s"), shown))


def canceled(after):
    """Cancel a run some seconds after its start; gives the seconds until nothing is left of it."""
    from django.db import connections

    from waybill import exports
    from waybill.jobs import control
    from waybill.work.run import run

    job = exports.start("tickets", by=None)
    told = []

    def cancel():
        time.sleep(after)
        control.cancel(job, by=None)
        told.append(time.perf_counter())
        connections.close_all()

    other = threading.Thread(target=cancel)
    other.start()
    run(str(job.pk))
    ended = time.perf_counter()
    other.join()
    job.refresh_from_db()
    if job.status != "canceled":
        raise SystemExit(f"the export was {job.status} before the cancel")
    return ended - told[0]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    main(parser.parse_known_args()[0].rows)
