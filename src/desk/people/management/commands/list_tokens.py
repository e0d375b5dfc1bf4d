"""desk list_tokens: show whose tokens there are."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from desk.people.models import Token

__all__ = ["Command"]


class Command(BaseCommand):
    """List tokens, never their text."""

    help = "List the tokens of the API: number, person, beginning, name, scopes, dates."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whose tokens to show."""
        parser.add_argument("name", nargs="?", help="the user name; everybody's if not given")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print a line a token."""
        tokens = Token.objects.select_related("user")
        if options["name"]:
            tokens = tokens.filter(user__username=options["name"])
        for token in tokens:
            state = "revoked" if token.revoked_at else f"until {token.expires_at or 'revoked'}"
            used = token.last_used_at or "never"
            self.stdout.write(
                f"{token.pk}\t{token.user.username}\t{token.hint}\t{token.name}\t"
                f"{' '.join(token.scopes)}\t{state}\tlast used {used}"
            )
