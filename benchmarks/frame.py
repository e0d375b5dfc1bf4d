"""What the benchmarks share: a database, interleaved rounds, and tables in Markdown."""

import contextlib
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

__all__ = ["database", "demo_database", "interleaved", "machine", "put", "set_up", "table"]


FOLDER = str(Path(tempfile.gettempdir()) / "desk-bench")


@contextlib.contextmanager
def database() -> Iterator[str]:
    """Give the address of a PostgreSQL: the one of DATABASE_URL, else an empty one of our own.

    Our own is the embedded server as Desk runs it, with its data safe on the disk.
    """
    if given := os.environ.get("DATABASE_URL"):
        yield given
        return
    from urllib.parse import quote

    from desk import embedded

    # Ended by a signal, it ends its server too, as it does by Ctrl-C.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    with tempfile.TemporaryDirectory(prefix="desk-bench-", ignore_cleanup_errors=True) as folder:
        server = embedded.start(Path(folder) / "postgres")
        try:
            yield f"postgresql://postgres@/postgres?host={quote(str(server.sockets))}"
        finally:
            embedded.stop(server)


@contextlib.contextmanager
def demo_database(rows: int) -> Iterator[str]:
    """Give the address of a database with the demo of so many tickets, on the server of `database`.

    It is kept on that server under a name of its own, so that a second run finds it filled.
    """
    import psycopg

    with database() as address:
        name = f"desk_bench_{rows}"
        with psycopg.connect(address, autocommit=True) as server:
            known = server.execute("SELECT FROM pg_database WHERE datname = %s", [name])
            if known.rowcount == 0:
                server.execute(f"CREATE DATABASE {name}")
        parts = urlsplit(address)
        url = urlunsplit(parts._replace(path=f"/{name}"))
        # With the keys of what comes later, which goes on with the log that is begun here.
        variables = {"DESK_DATA_DIR": FOLDER, **os.environ, "DATABASE_URL": url}
        for command in (
            ("migrate", "--verbosity", "0"),
            ("make_demo", "--tickets", str(rows), "--assets", "2000"),
        ):
            desk = [sys.executable, "-m", "desk", *command]
            subprocess.run(desk, env=variables, stdout=sys.stderr, check=True)
        yield url


def set_up(url: str = "") -> None:
    """Make Django ready in a process of a benchmark, on another database where one is given."""
    import django

    if url:
        os.environ["DATABASE_URL"] = url
    os.environ["DJANGO_SETTINGS_MODULE"] = "desk.settings"
    os.environ.setdefault("DESK_DATA_DIR", FOLDER)
    django.setup()


def interleaved(ways: Mapping[str, Callable[[], object]], *, rounds: int) -> dict[str, float]:
    """Give the median seconds of each way; the ways take turns, so that a busy minute hits all."""
    seconds: dict[str, list[float]] = {way: [] for way in ways}
    for _round in range(rounds):
        for way, run in ways.items():
            began = time.perf_counter()
            run()
            seconds[way].append(time.perf_counter() - began)
    return {way: statistics.median(several) for way, several in seconds.items()}


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Set a table in Markdown; numbers stand to the right."""
    shown = [[_cell(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [list(head), *shown]) for i in range(len(head))]
    right = [all(isinstance(row[i], int | float) for row in rows) for i in range(len(head))]
    rule = [("-" * (w - 1) + ":") if r else "-" * w for w, r in zip(widths, right, strict=True)]
    return "\n".join(
        "| " + " | ".join(_set(c, w, r) for c, w, r in zip(row, widths, right, strict=True)) + " |"
        for row in [list(head), rule, *shown]
    )


def put(text: str, name: str, page: Path) -> None:
    """Write a text between the marks of that name in a page: `<!-- name -->`, `<!-- /name -->`."""
    before, mark, rest = page.read_text(encoding="utf-8").partition(f"<!-- {name} -->\n")
    _old, end, after = rest.partition(f"<!-- /{name} -->")
    if not (mark and end):
        raise SystemExit(f"{page} has no marks <!-- {name} --> and <!-- /{name} -->.")
    page.write_text(f"{before}{mark}\n{text}\n\n{end}{after}", encoding="utf-8")


def machine() -> str:
    """Say in a line where this was measured, and how busy the place was."""
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    return (
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}, "
        f"load {load}, {time.strftime('%Y-%m-%d %H:%M', time.gmtime())} UTC"
    )


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.3f}" if abs(value) < 10 else f"{value:,.1f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _set(cell: str, width: int, right: bool) -> str:
    return cell.rjust(width) if right else cell.ljust(width)
