"""desk create_user: make a person who can log in."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from desk.people.actions import create_person
from desk.people.groups import save_role
from desk.people.models import Role
from desk.people.rights import Right

__all__ = ["Command"]


class Command(BaseCommand):
    """Make one person, with a role for each permission."""

    help = "Make a person who can log in; prints `created NAME`."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the name, the password and what the person may do."""
        parser.add_argument("name", help="the user name")
        parser.add_argument("--password", required=True)
        parser.add_argument("--email", default="")
        parser.add_argument("--admin", action="store_true", help="an administrator of the desk")
        parser.add_argument(
            "--permission",
            action="append",
            default=[],
            choices=Right.values,
            help="a right, given through a role of its name; may be repeated",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the person, or say what is wrong."""
        account = {
            "username": options["name"],
            "email": options["email"],
            "is_admin": options["admin"],
        }
        try:
            with transaction.atomic():
                roles = [_role_for(Right(name)) for name in dict.fromkeys(options["permission"])]
                create_person(account, by=None, password=options["password"], roles=roles)
        except ValidationError as error:
            raise CommandError(" ".join(_sentences(error))) from error
        self.stdout.write(f"created {options['name']}")


def _role_for(right: Right, number: int = 1) -> Role:
    """Find or make the role that carries this right alone and is called after it.

    A role of that name with other rights is somebody's own: it stays as it is, and is not given.
    """
    name = f"{right.label} ({number})" if number > 1 else str(right.label)
    role = Role.objects.filter(name=name).first()
    if role is None:
        return save_role(Role(), name=name, rights=[right], by=None)
    if set(role.rights.values_list("right", flat=True)) == {right}:
        return role
    return _role_for(right, number + 1)


def _sentences(error: ValidationError) -> list[str]:
    if hasattr(error, "error_dict"):
        return [f"{name}: {' '.join(said)}" for name, said in error.message_dict.items()]
    return list(error.messages)
