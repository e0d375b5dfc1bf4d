"""`verify_audit`: is the log as it was written?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from waybill.jobs import audit, verdict

__all__ = ["Command"]


class Command(BaseCommand):
    """Checks every line of the log against its seals."""

    help = "Check that no line of the export log was changed, removed, put in or swapped."

    def handle(self, *args: Any, **options: Any) -> None:
        """Say that the log is whole, or end with what differs."""
        found = verdict.walk()
        if found:
            raise CommandError("\n".join(str(finding) for finding in found))
        self.stdout.write(f"The log is complete and unchanged: {audit.length()} lines.")
