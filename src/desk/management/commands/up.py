"""desk up: start everything and keep it running."""

import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from desk import env, up

__all__ = ["Command"]


class Command(BaseCommand):
    """Start the database, the web, the workers and the sweep."""

    help = "Start the database, the web, the workers and the sweep, and keep them running."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the port, the address, the number of workers, and whether to make the demo."""
        parser.add_argument("--port", type=int, default=env.number("PORT", 8000))
        parser.add_argument("--host", default=os.environ.get("HOST_ADDRESS") or "127.0.0.1")
        parser.add_argument("--workers", type=int, default=2, help="worker processes (2)")
        parser.add_argument("--demo", action="store_true", help="make the demo data once")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until SIGTERM or Ctrl-C."""
        wanted = up.Wanted(
            host=options["host"],
            port=options["port"],
            workers=options["workers"],
            demo=options["demo"],
        )
        try:
            up.run(wanted, self._say)
        except up.CannotStart as problem:
            raise CommandError(str(problem)) from problem

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
