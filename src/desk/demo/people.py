"""The four people who log in to the demo, and the passwords made for them."""

import json
import os
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from desk.people.actions import create_person
from desk.people.groups import save_role
from desk.people.models import Role, Team, User
from desk.people.rights import Right

__all__ = ["FOUR", "log_ins", "make_four"]

# Neither l and 1 nor O and 0: passwords are read off a screen.
LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
PASSWORD_LENGTH = 14
EXPORT_RIGHTS = (Right.IMPORT_EXPORT_TICKETS, Right.EXPORT_ASSETS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """One of the four."""

    display_name: str
    what: str
    is_admin: bool = False
    exports: bool = False
    teams: tuple[str, ...] = ()


FOUR = {
    "ada": _Member(
        display_name="Ada Lindqvist",
        what=gettext_noop("administrator with both export rights"),
        is_admin=True,
        exports=True,
        teams=("Service desk", "Infrastructure"),
    ),
    "ben": _Member(
        display_name="Ben Okafor",
        what=gettext_noop("agent with both export rights, no administrator"),
        exports=True,
        teams=("Service desk", "Applications"),
    ),
    "cleo": _Member(
        display_name="Cleo Marchetti",
        what=gettext_noop("administrator without export rights"),
        is_admin=True,
        teams=("Workplace",),
    ),
    "dan": _Member(
        display_name="Dan Weber",
        what=gettext_noop("agent without further rights"),
        teams=("Service desk",),
    ),
}


def make_four() -> None:
    """Make those of the four who are missing, each with a password that is kept for `log_ins`."""
    missing = FOUR.keys() - set(
        User.objects.filter(username__in=FOUR).values_list("username", flat=True)
    )
    if not missing:
        return
    passwords = {name: _password() for name in sorted(missing)}
    for name, password in passwords.items():
        _make(name, FOUR[name], password)
    _write(_file(), {**_kept(), **passwords})
    made = User.objects.filter(username__in=passwords)
    seals = [_seal(user, passwords[user.username]) for user in made]
    _write(_checked_file(), [*_read(_checked_file(), []), *seals])


def log_ins() -> list[tuple[str, str, str]]:
    """Give name, password and what they are, of those whose password is still the one made here.

    Nothing is written to the database.
    """
    kept = _kept()
    people = {user.username: user for user in User.objects.filter(username__in=kept)}
    known = _read(_checked_file(), [])
    held = {
        name: _seal(people[name], kept[name])
        for name in FOUR
        if name in kept and name in people and _holds(people[name], kept[name], known)
    }
    if set(known) != set(held.values()):
        _write(_checked_file(), [*held.values()])
    return [(name, kept[name], _(FOUR[name].what)) for name in held]


def _holds(user: User, password: str, known: Collection[str]) -> bool:
    # To check a password takes half a second by design: only one against another hash is checked.
    # And without the setter of User.check_password, which would renew an old one.
    checked = _seal(user, password) in known or check_password(password, user.password)
    return user.is_active and checked


def _seal(user: User, password: str) -> str:
    return sha256(f"{password}\0{user.password}".encode()).hexdigest()


def _make(name: str, member: _Member, password: str) -> None:
    account = {
        "username": name,
        "display_name": member.display_name,
        "email": f"{name}@desk.example",
        "time_zone": "Europe/Berlin",
        "is_admin": member.is_admin,
    }
    roles = [_role(right) for right in EXPORT_RIGHTS] if member.exports else []
    teams = [Team.objects.get_or_create(name=team)[0] for team in member.teams]
    create_person(account, by=None, password=password, roles=roles, teams=teams)


def _role(right: Right) -> Role:
    """Find or make the role that is called after the right and carries it."""
    role = Role.objects.filter(name=str(right.label), rights__right=right).first()
    return role or save_role(Role(), name=str(right.label), rights=[right], by=None)


def _password() -> str:
    return "".join(secrets.choice(LETTERS) for _place in range(PASSWORD_LENGTH))


def _file() -> Path:
    return Path(settings.KEYS_DIR) / "demo-log-ins.json"


def _checked_file() -> Path:
    return _file().with_name("demo-log-ins-checked.json")


def _kept() -> dict[str, str]:
    return dict(_read(_file(), {}))


def _read(file: Path, otherwise: Any) -> Any:
    try:
        return json.loads(file.read_text())
    except (FileNotFoundError, ValueError):
        return otherwise


def _write(file: Path, what: Any) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as out:
        json.dump(what, out, indent=1)
    draft.replace(file)
