"""desk create_token: make a token of the API."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from desk.people.models import User
from desk.people.tokens import Scope, create_token

__all__ = ["Command"]

LONGEST_DAYS = 36_500


class Command(BaseCommand):
    """Make a token for a person and print it, and nothing else."""

    help = "Make a token of the API for a person; prints the token, which is shown this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the person, and what the token is for."""
        parser.add_argument("name", help="the user name")
        parser.add_argument("--label", default="command line", help="what the token is called")
        parser.add_argument(
            "--days", type=int, help="how long it is good; without end if not given"
        )
        parser.add_argument("--scope", action="append", choices=list(Scope), help="default: all")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the token, or say what is wrong."""
        user = User.objects.filter(username=options["name"]).first()
        if user is None:
            raise CommandError(f"nobody is called {options['name']}")
        days = options["days"]
        if days is not None and not 1 <= days <= LONGEST_DAYS:
            raise CommandError(f"--days takes 1 to {LONGEST_DAYS}")
        try:
            _token, text = create_token(
                user,
                name=options["label"],
                by=None,
                scopes=options["scope"] or tuple(Scope),
                expires_at=timezone.now() + timedelta(days=days) if days else None,
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(text)
