"""desk prepare: bring tables, static files and demo data up to date, and tell the log-ins."""

from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from desk import statics
from desk.demo.people import log_ins

__all__ = ["Command"]

DEMO_TICKETS = 20_000
DEMO_ASSETS = 2_000


class Command(BaseCommand):
    """Migrate, collect static files, make the demo."""

    help = "Bring tables, static files and demo data up to date; `desk up` does it by itself."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether to make the demo."""
        parser.add_argument("--demo", action="store_true", help="make the demo data once")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do all of it; a second run finds nothing to do."""
        self._reach_database()
        call_command("migrate", verbosity=0, interactive=False)
        statics.collect()
        # Once for all: the processes that come do not ask again.
        self.check(databases=[connection.alias])
        if options["demo"]:
            call_command("make_demo", tickets=DEMO_TICKETS, assets=DEMO_ASSETS)
        for name, password, what in log_ins():
            self.stdout.write(f"{name:<5} {password}  {what}")

    def _reach_database(self) -> None:
        try:
            connection.ensure_connection()
        except OperationalError as problem:
            place = connection.settings_dict
            where = f"{place['HOST'] or 'localhost'}, database {place['NAME']}"
            raise CommandError(f"The database does not answer ({where}).") from problem
