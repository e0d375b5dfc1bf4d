"""How soon an idle worker takes up a new export: from the request's line in the log to the claim's.

`python -m benchmarks.pickup [--exports N]`; one worker, started as `desk up` starts it.
"""

import argparse
import os
import random
import statistics
import subprocess
import time

from benchmarks import frame

__all__ = ["main"]

EXPORTS = 60


def main(exports: int = EXPORTS) -> None:
    """Print the table."""
    with frame.database() as url:
        os.environ["DATABASE_URL"] = url
        frame.set_up()
        from django.core.management import call_command

        from desk.up import worker_command

        call_command("migrate", verbosity=0)
        worker = subprocess.Popen(worker_command())
        try:
            waited()  # until the worker is there
            waits = sorted(waited() for _ in range(exports))
        finally:
            worker.terminate()
            worker.wait()
    shown = [(exports, statistics.median(waits), waits[int(len(waits) * 0.95)])]
    print(frame.table(("exports", "median s", "95 of 100 within s"), shown))


def waited() -> float:
    """Request an export, wait for its end, and give the seconds until it was taken up."""
    from waybill import exports
    from waybill.jobs import queries

    job = exports.start("tickets", by=None)
    while queries.get(job.pk).status in {"pending", "processing"}:
        time.sleep(0.02)
    begun, claimed = queries.log_of(job)[:2]
    # The next request comes at any moment of the worker's pause.
    time.sleep(random.uniform(0.1, 0.5))
    return (claimed.created_at - begun.created_at).total_seconds()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--exports", type=int, default=EXPORTS)
    main(parser.parse_args().exports)
