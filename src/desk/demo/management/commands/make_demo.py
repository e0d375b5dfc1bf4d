"""desk make_demo: fill the desk with made-up people, tickets and assets."""

import logging
import time
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from desk.demo.make.run import make_demo
from desk.tickets import search

__all__ = ["Command"]


class Command(BaseCommand):
    """Bring the demo up to a size."""

    help = "Bring the demo up to so many tickets and assets, and make the four demo people."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the two sizes."""
        parser.add_argument("--tickets", type=_count, default=20_000, metavar="N")
        parser.add_argument("--assets", type=_count, default=2_000, metavar="N")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make what is missing, and tell how much that was."""
        began = time.monotonic()
        with _unannounced():
            made = make_demo(
                tickets=options["tickets"], assets=options["assets"], now=timezone.now()
            )
        seconds = time.monotonic() - began
        self.stdout.write(
            f"{made.tickets:,} tickets and {made.assets:,} assets made in {seconds:.1f} s"
        )
        search.catch_up()


@contextmanager
def _unannounced() -> Iterator[None]:
    """Log no line for each made-up person and role: they stand in the audit log all the same."""
    people = logging.getLogger("desk.people")
    before = people.level
    people.setLevel(logging.WARNING)
    try:
        yield
    finally:
        people.setLevel(before)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdecimal():
        raise ArgumentTypeError(f"{text!r}: a whole number from 0 would be accepted")
    return int(text)
