"""What changes accounts: people, passwords, and what people belong to.

`by` is who does it; None is the system, for example the command line. Raises `PermissionDenied`
for everybody who does not administer the desk, and `ValidationError` for what cannot stand.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from axes.utils import reset
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from desk import history
from desk.people import audit
from desk.people.log_in import counted
from desk.people.models import Role, Team, User

__all__ = [
    "change_own_password",
    "create_person",
    "edit_own_profile",
    "edit_person",
    "hashed",
    "keep_password",
    "only_administrators",
    "set_password",
    "set_roles",
    "set_teams",
]

PROFILE = ("display_name", "email", "time_zone")
KEYS = ("single_keys",)
MAILS = ("mail_completed", "mail_failed", "mail_expiring")
ACCOUNT = (*PROFILE, "username", "is_admin", "is_active")


def only_administrators(by: User | None) -> None:
    """Raise `PermissionDenied` unless an administrator or the system acts."""
    if by is not None and not by.is_staff:
        raise PermissionDenied


@transaction.atomic
def create_person(
    values: Mapping[str, Any],
    *,
    by: User | None,
    password: str | None,
    roles: Iterable[Role] = (),
    teams: Iterable[Team] = (),
) -> User:
    """Make a person from account fields; without a password nobody can log in as them."""
    only_administrators(by)
    person = User(**history.known(values, ACCOUNT))
    person.display_name = person.display_name or person.username
    person.set_password(password)
    person.full_clean()
    person.save()
    audit.record("person_created", by=by, about=person.username, **_account(person))
    set_roles(person, roles, by=by)
    set_teams(person, teams, by=by)
    return person


@transaction.atomic
def edit_person(person: User, values: Mapping[str, Any], *, by: User | None) -> User:
    """Change account fields; the last administrator cannot be lost."""
    only_administrators(by)
    person = User.objects.select_for_update().get(pk=person.pk)
    changed = _take_over(person, history.known(values, ACCOUNT))
    person.full_clean()
    _keep_an_administrator(person)
    person.save()
    if changed:
        facts = {**_account(person), "fields": changed}
        audit.record("person_changed", by=by, about=person.username, **facts)
    return person


@transaction.atomic
def edit_own_profile(person: User, values: Mapping[str, Any]) -> User:
    """Change one's own display name, e-mail address, time zone, and which mails one gets."""
    person = User.objects.select_for_update().get(pk=person.pk)
    own = (*PROFILE, *KEYS, *MAILS)
    changed = _take_over(person, history.known(values, own))
    person.full_clean()
    person.save(update_fields=own)
    if changed:
        audit.record("person_changed", by=person, about=person.username, fields=changed)
    return person


def hashed(password: str, *, of: User) -> str:
    """Validate a new password and hash it, which takes long: before anything is locked."""
    validate_password(password, of)
    return make_password(password)


@transaction.atomic
def keep_password(person: User, digest: str, *, by: User | None) -> None:
    """Give a person the password of that hash, which ends their sessions and a lock-out."""
    only_administrators(by)
    _keep_password(person, digest, by=by)
    if by != person:  # one's own is asked for with the old one, by somebody who is in
        for name in filter(None, (person.username, person.email)):
            reset(username=counted(name))


def set_password(person: User, password: str, *, by: User | None) -> None:
    """Give a person another password."""
    only_administrators(by)
    keep_password(person, hashed(password, of=person), by=by)


def change_own_password(person: User, password: str) -> None:
    """Change one's own password; the caller has asked for the old one."""
    digest = hashed(password, of=person)
    with transaction.atomic():
        _keep_password(person, digest, by=person)


@transaction.atomic
def set_roles(person: User, roles: Iterable[Role], *, by: User | None) -> None:
    """Give a person exactly these roles."""
    only_administrators(by)
    before = set(person.roles.all())
    after = set(roles)
    if after == before:
        return
    person.roles.set(after)
    person.__dict__.pop("rights", None)
    audit.record(
        "roles_changed",
        by=by,
        about=person.username,
        given=_names(after - before),
        taken=_names(before - after),
    )


@transaction.atomic
def set_teams(person: User, teams: Iterable[Team], *, by: User | None) -> None:
    """Put a person into exactly these teams: they decide which tickets an agent lists."""
    only_administrators(by)
    before = set(person.teams.all())
    after = set(teams)
    if after == before:
        return
    person.teams.set(after)
    audit.record("teams_changed", by=by, about=person.username, teams=_names(after))


def _keep_password(person: User, digest: str, *, by: User | None) -> None:
    person.password = digest
    person.save(update_fields=["password"])
    audit.record("password_changed", by=by, about=person.username)


def _take_over(person: User, values: Mapping[str, Any]) -> str:
    """Set the fields; names those that differ, without their values: an address is private."""
    changed = sorted(name for name, value in values.items() if getattr(person, name) != value)
    for name in changed:
        setattr(person, name, values[name])
    return ", ".join(changed)


def _keep_an_administrator(person: User) -> None:
    others = User.objects.select_for_update().filter(is_admin=True, is_active=True)
    was = others.filter(pk=person.pk).exists()
    if was and not person.is_staff and not others.exclude(pk=person.pk).exists():
        raise ValidationError(_("This is the last administrator: make somebody else one first."))


def _account(person: User) -> dict[str, str]:
    flags = {"is_admin": person.is_admin, "is_active": person.is_active}
    return {"username": person.username} | {name: str(on).lower() for name, on in flags.items()}


def _names(rows: Iterable[Role | Team]) -> str:
    return ", ".join(sorted(row.name for row in rows))
