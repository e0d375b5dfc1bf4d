"""What `load_tickets` and `load_assets` have in common."""

import re
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Protocol

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from desk.demo.load.report import Report
from desk.tickets import search
from waybill import clock

__all__ = ["Load", "LoadCommand"]

SHOWN = 20  # remarks of one kind; all of them with -v 2
ENDINGS = re.compile(r"(\.gz)?$|(\.(jsonl|ndjson|json))(\.gz)?$")
SOURCE_LENGTH = 100


class Load(Protocol):
    """Loads a file."""

    def __call__(self, path: Path, *, source: str, now: Any) -> Report:
        """Load it and say what happened."""


class LoadCommand(BaseCommand):
    """Load a file of JSON lines: exit 0, or 1 where a line was left out, 2 where none could be."""

    load: Load

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file and the name of where it comes from."""
        parser.add_argument("file", type=Path, help="JSON lines, plain or .gz")
        parser.add_argument(
            "--source",
            help="where the rows come from (default: the file's name); with the id of"
            " a row it tells whether the row was loaded before",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and tell."""
        path: Path = options["file"]
        source = ENDINGS.sub("", path.name) if options["source"] is None else options["source"]
        if not source or len(source) > SOURCE_LENGTH:
            raise CommandError(
                f"--source: a name of 1 to {SOURCE_LENGTH} characters would be accepted.",
                returncode=2,
            )
        began = time.monotonic()
        try:
            report = type(self).load(path, source=source, now=clock.now(connection))
        except OSError as error:
            reason = error.strerror or "it cannot be read"
            raise CommandError(f"{path}: {reason}.", returncode=2) from error
        self._tell(report, time.monotonic() - began, every=options["verbosity"] > 1)
        search.catch_up()
        if not report.complete:
            raise CommandError("Not every line was loaded.")

    def _tell(self, report: Report, seconds: float, *, every: bool) -> None:
        for sentences in (report.problems(), report.renamings()):
            shown = sentences if every else sentences[:SHOWN]
            for sentence in shown:
                self.stderr.write(sentence)
            if len(shown) < len(sentences):
                more = len(sentences) - len(shown)
                self.stderr.write(f"... and {more:,} more like these (-v 2 shows all)")
        for remark in report.remarks():
            self.stderr.write(remark)
        rows = report.added + report.changed + report.unchanged
        said = f", {report.comments:,} comments added" if report.comments else ""
        self.stdout.write(
            f"{report.added:,} added, {report.changed:,} changed, {report.unchanged:,} unchanged,"
            f" {len(report.bad):,} left out{said}; {len(report.renamed):,} codes got a suffix;"
            f" {rows / max(seconds, 0.001):,.0f} rows a second"
        )
