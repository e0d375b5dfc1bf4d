"""Relative filter values: `@me`, `today`, `last 7 days`, `overdue`."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from waybill import errors
from waybill.declare.policy import Person
from waybill.values import Json

__all__ = ["ACCEPTED", "resolve"]

ACCEPTED = ("@me", "today", "yesterday", "last 7 days", "overdue")
LAST = re.compile(r"last (\d{1,4}) (day|week|hour)s?")
HOURS = {"hour": 1, "day": 24, "week": 168}


def resolve(
    name: str, value: Json, *, user: Person | None, at: datetime, zone: str = "UTC"
) -> Json:
    """Make one filter value absolute as of `at`; a list is resolved item by item.

    `last 7 days` is the instant that long before `at`; `today` and `yesterday` are the starts
    of those days in `zone`; `overdue` is `at` itself, for `..._to`. Raises `BadFilter` for
    `@me` without a person.
    """
    if isinstance(value, list | tuple):
        return [resolve(name, one, user=user, at=at, zone=zone) for one in value]
    if not isinstance(value, str):
        return value
    word = value.strip().lower()
    if word == "@me":
        if user is None:
            raise errors.BadFilter(field=name, value=value)
        return str(user.pk)
    moment = instant(word, at, zone)
    return value if moment is None else moment.isoformat()


def instant(word: str, at: datetime, zone: str) -> datetime | None:
    """Give the instant that a relative time means, or None where the word is none."""
    if found := LAST.fullmatch(word):
        return at - timedelta(hours=int(found[1]) * HOURS[found[2]])
    if word == "overdue":
        return at
    midnight = at.astimezone(ZoneInfo(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    if word == "today":
        return midnight
    if word == "yesterday":
        return midnight - timedelta(days=1)
    return None
