"""How many lines a second the log takes from writers that all wait for the site's chain.

`python -m benchmarks.audit [--lines N]`; each line is a transaction of its own, safe on the disk.
"""

import argparse
import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks import frame

__all__ = ["main"]

LINES = 3_000
WRITERS = (1, 4, 16)


def main(lines: int = LINES) -> None:
    """Print the table."""
    with frame.database() as url:
        os.environ["DATABASE_URL"] = url
        frame.set_up()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        shown = [(writers, lines, measured(writers, lines)) for writers in WRITERS]
        call_command("verify_audit")
    print(frame.table(("writers at once", "lines", "lines a second"), shown))


def measured(writers: int, lines: int) -> float:
    """Give the lines a second of so many processes."""
    with ProcessPoolExecutor(writers, get_context("spawn"), frame.set_up) as pool:
        list(pool.map(write, [1] * writers))  # everybody is there and connected
        began = time.perf_counter()
        list(pool.map(write, [lines // writers] * writers))
        return lines / (time.perf_counter() - began)


def write(count: int) -> None:
    """Write lines of no export."""
    from waybill.jobs import database
    from waybill.jobs.log import Line, append_site

    for _number in range(count):
        with database.atomic():
            append_site(Line("refused", message="not_allowed"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=LINES)
    main(parser.parse_args().lines)
