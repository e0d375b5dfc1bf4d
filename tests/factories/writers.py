"""A process that writes lines of the log from many threads: `python -m tests.factories.writers`."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import django

__all__ = ["main"]


def main(job_id, threads, lines):
    """Write so many lines from each of so many threads, in turn for the export and for none."""
    from django.db import connections

    from waybill.jobs import database
    from waybill.jobs.log import Line, append, append_site

    gate = threading.Barrier(threads, action=_let_go)

    def write(_):
        database.connection().ensure_connection()
        gate.wait()
        for number in range(lines):
            with database.atomic():
                if number % 2:
                    append(job_id, Line("progress", processed_items=number))
                else:
                    append_site(Line("refused", message="not_allowed"))
        connections.close_all()

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(write, range(threads)))


def _let_go():
    """Tell the test that every thread is connected, and wait until it says go."""
    sys.stdout.write("connected\n")
    sys.stdout.flush()
    sys.stdin.readline()


if __name__ == "__main__":
    django.setup()
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
