"""What the whole background path costs over plain COPY: claim, count, render, spool, hash, log.

`python -m benchmarks.background [--rows N]`, 1,000,000 by default.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks import frame

__all__ = ["main"]

ROWS = 1_000_000
ROUNDS = 3


def main(rows: int = ROWS) -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.settings")
        os.environ.setdefault("DESK_DATA_DIR", folder)
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("make_demo", tickets=rows, assets=0, verbosity=0)
        seconds = frame.interleaved(
            {"plain COPY to a file": plain(Path(folder)), "background export": background},
            rounds=ROUNDS,
        )
    floor = seconds["plain COPY to a file"]
    shown = [(way, taken, round(taken / floor, 2)) for way, taken in seconds.items()]
    print(frame.table((f"{rows:,} tickets as CSV", "s", "x"), shown))


def plain(folder):
    """Give the floor: the same query and columns, by psycopg, without anything around it."""
    from django.db import connection

    from waybill import exports
    from waybill.values import ExportRequest

    plan = exports.planned(ExportRequest(resource="tickets"), by=None)
    sql, params = plan.select(plan.frozen.requested_at).query.sql_with_params()

    def run():
        with (
            (folder / "floor.csv").open("wb") as out,
            connection.cursor() as cursor,
            cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)", params) as copy,
        ):
            out.writelines(copy)

    return run


def background():
    """Request an export as the system, and run it as a worker does."""
    from waybill import exports
    from waybill.jobs import control
    from waybill.work.run import run
    from waybill.work.sweep import sweep

    job = exports.start("tickets", by=None)
    outcome = run(str(job.pk))
    if outcome is None or outcome.status != "completed":
        sys.exit(f"the export ended as {outcome}")
    job.refresh_from_db()
    control.delete_now(job, by=None)
    sweep()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    main(parser.parse_known_args()[0].rows)
