"""desk revoke_token: make a token useless."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from desk.people.models import Token
from desk.people.tokens import revoke_token

__all__ = ["Command"]


class Command(BaseCommand):
    """Revoke one token."""

    help = "Revoke a token of the API by the number that list_tokens shows."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the token's number."""
        parser.add_argument("number", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Revoke it, or say that there is none."""
        token = Token.objects.filter(pk=options["number"]).select_related("user").first()
        if token is None:
            raise CommandError(f"there is no token {options['number']}")
        revoke_token(token, by=None)
        self.stdout.write(f"revoked {token.hint}… of {token.user.username}")
