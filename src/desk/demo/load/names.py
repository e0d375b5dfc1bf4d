"""Rows that a file knows by name: found where they exist, made where they do not."""

import hashlib
import secrets
from collections.abc import Collection
from functools import lru_cache
from typing import Any

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import models
from django.db.models import Max
from django.utils.text import slugify

from desk.demo.load import bulk
from desk.people import audit
from desk.people.models import User
from desk.tickets.models import Status

__all__ = ["id_of", "learn", "learn_people", "learn_statuses", "tell_people"]

# What a status of another system says by its name; any other counts as open.
RESOLVED = {"closed", "completed", "done", "fixed", "resolved", "solved"}
CLOSED = RESOLVED | {"abandoned", "canceled", "cancelled", "duplicate", "rejected", "won't fix"}
PEOPLE = 10_000  # whose user names are kept: to make one takes longer than to look it up

Ids = dict[str, int]


def learn(model: type[models.Model], names: Collection[str], **defaults: Any) -> Ids:
    """Give the ids of all names, and hold the rows until the transaction ends."""
    held = bulk.hold_ids(model, "name", names)
    missing = set(names) - held.keys()
    if not missing:
        return held
    rows = [model(name=name, **defaults) for name in sorted(missing)]
    model._default_manager.bulk_create(rows, ignore_conflicts=True)  # another load may win
    return held | bulk.hold_ids(model, "name", missing)


def id_of(ids: Ids, name: str | None) -> int | None:
    """Give the id of a name, None for none."""
    return None if name is None else ids[name]


def learn_statuses(names: Collection[str]) -> dict[str, Status]:
    """Give the statuses of all names; a new one is open or not as its name says."""
    held = bulk.hold_ids(Status, "name", names)
    missing = sorted(set(names) - held.keys())
    if missing:
        last = Status.objects.aggregate(last=Max("rank"))["last"] or 0
        rows = [_new_status(name, last + place) for place, name in enumerate(missing, 1)]
        Status.objects.bulk_create(rows, ignore_conflicts=True)
        held |= bulk.hold_ids(Status, "name", missing)
    return {status.name: status for status in Status.objects.filter(pk__in=held.values())}


def _new_status(name: str, rank: int) -> Status:
    said = name.casefold()
    return Status(name=name, is_open=said not in CLOSED, is_resolved=said in RESOLVED, rank=rank)


def learn_people(source: str, names: Collection[str]) -> tuple[Ids, int]:
    """Give the ids of people by display name, and how many were made, who cannot log in.

    Known is who works at the desk under exactly that name, and nobody else does, or who came from
    the same source before. People of two sources who share a name are two people.
    """
    if not names:
        return {}, 0
    user_names = {_user_name(source, name): name for name in names}
    known = _at_the_desk(names)
    held = bulk.hold_ids(User, "username", user_names)
    missing = [user for user, name in user_names.items() if user not in held and name not in known]
    if missing:
        rows = [_new_person(user, user_names[user]) for user in sorted(missing)]
        User.objects.bulk_create(rows, ignore_conflicts=True)
        held |= bulk.hold_ids(User, "username", missing)
    return {user_names[user]: pk for user, pk in held.items()} | known, len(missing)


def tell_people(source: str, made: int) -> None:
    """Write one line of the audit for people that a load made; none of them can log in."""
    if made:
        audit.record("people_loaded", by=None, about=source, people=str(made))


def _new_person(user: str, name: str) -> User:
    unusable = UNUSABLE_PASSWORD_PREFIX + secrets.token_urlsafe(30)
    return User(username=user, display_name=name, password=unusable, is_active=False)


def _at_the_desk(names: Collection[str]) -> dict[str, int]:
    wanted = set(names)
    people = User.objects.filter(is_active=True).values_list("display_name", "username")
    found: dict[str, list[str]] = {}
    for name, username in people:
        if name in wanted:
            found.setdefault(name, []).append(username)
    only = {users[0]: name for name, users in found.items() if len(users) == 1}
    return {only[user]: pk for user, pk in bulk.hold_ids(User, "username", only).items()}


@lru_cache(maxsize=PEOPLE)
def _user_name(source: str, name: str) -> str:
    """Make a user name that stands for the source and the exact display name."""
    digest = hashlib.sha256(f"{source}\0{name}".encode()).hexdigest()[:16]
    words = slugify(name)[:60] or "person"
    place = slugify(source)[:60] or "file"
    return f"{words}-{digest}@{place}"
