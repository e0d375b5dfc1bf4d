"""`verify_export FILE RECEIPT`: is the file complete and unchanged?"""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from waybill import errors
from waybill.store.verify import read_receipt, verify

__all__ = ["Command"]


class Command(BaseCommand):
    """Checks a file against its receipt."""

    help = "Check that an exported file is complete and unchanged, by its receipt."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the file and its receipt."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("receipt", type=Path, metavar="RECEIPT")

    def handle(self, *args: Any, file: Path, receipt: Path, **options: Any) -> None:
        """Say that the file is whole, or end with what differs."""
        try:
            verdict = verify(file, read_receipt(receipt))
        except errors.ReceiptUnreadable as problem:
            raise CommandError(str(problem)) from None
        except OSError as problem:
            raise CommandError(f"{problem.filename or file}: {problem.strerror}") from None
        if not verdict.good:
            raise CommandError("\n".join(verdict.sentences))
        self.stdout.write("\n".join(verdict.sentences))
