"""What the whole background path costs over plain COPY: claim, count, render, spool, hash, log.

`python -m benchmarks.background [--rows N]`, 1,000,000 by default.
"""

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import frame

__all__ = ["main", "prepared"]

ROWS = 1_000_000
ROUNDS = 3


def main(rows: int = ROWS) -> None:
    """Print the table."""
    with prepared(rows) as folder:
        statement = plain()
        ways = {
            "plain COPY to a file, psycopg": by_psycopg(statement, folder),
            "background export": background,
        }
        if program := shutil.which("psql"):
            ways["plain COPY to a file, psql"] = by_psql(program, statement, folder)
        seconds = frame.interleaved(ways, rounds=ROUNDS)
    floor = min(taken for way, taken in seconds.items() if way.startswith("plain"))
    shown = [(way, taken, round(taken / floor, 2)) for way, taken in seconds.items()]
    print(frame.table((f"{rows:,} tickets as CSV", "s", "times the floor"), shown))


@contextlib.contextmanager
def prepared(rows):
    """Make so many tickets in the database of DATABASE_URL; gives a folder for files."""
    with tempfile.TemporaryDirectory(prefix="desk-bench-") as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.settings")
        os.environ.setdefault("DESK_DATA_DIR", folder)
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        call_command("make_demo", tickets=rows, assets=0, verbosity=0)
        yield Path(folder)


def plain():
    """Give the floor's statement: the same query and columns, nothing around it."""
    from django.db import connection
    from psycopg import ClientCursor

    from waybill import exports
    from waybill.values import ExportRequest

    plan = exports.planned(ExportRequest(resource="tickets"), by=None)
    sql, params = plan.select(plan.frozen.requested_at).query.sql_with_params()
    connection.ensure_connection()
    return ClientCursor(connection.connection).mogrify(
        f"COPY ({sql}) TO STDOUT (FORMAT csv)", params
    )


def by_psycopg(statement, folder):
    """Give what copies by the driver."""
    from django.db import connection

    def run():
        with (
            (folder / "floor.csv").open("wb") as out,
            connection.cursor() as cursor,
            cursor.copy(statement) as copy,
        ):
            out.writelines(copy)

    return run


def by_psql(program, statement, folder):
    """Give what copies by PostgreSQL's own client."""

    def run():
        with (folder / "floor.csv").open("wb") as out:
            command = [program, "-X", "-q", "-c", statement, os.environ["DATABASE_URL"]]
            subprocess.run(command, stdout=out, check=True)

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
