"""The history of a row: which fields change, in words that outlive the rows they name."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.db.models import Model, QuerySet

__all__ = ["CREATED", "DELETED", "RESTORED", "Change", "check", "differences", "in_words", "known"]

CREATED, DELETED, RESTORED = "created", "deleted", "restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field's way from one value to another; None is no value."""

    field: str
    old: str | None = None
    new: str | None = None


def differences(row: Model, values: Mapping[str, Any]) -> Iterator[Change]:
    """Give a change for every value that the row does not hold yet.

    The new value of a relation to many rows is an iterable of all of them.
    """
    for name, value in values.items():
        held = getattr(row, name)
        many = hasattr(held, "all")
        old, new = (set(held.all()), set(value)) if many else (held, value)
        if old != new:
            yield Change(field=name, old=in_words(old), new=in_words(new))


def check(row: Model, names: Iterable[str]) -> None:
    """Validate those fields and no others: a loaded row may hold what a form would refuse.

    Raises `ValidationError`.
    """
    checked = set(names)
    others = {field.name for field in row._meta.concrete_fields if field.name not in checked}
    row.full_clean(exclude=others)


def known(values: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Give the values back; raises `TypeError` for a name that is not one of these."""
    accepted = tuple(names)
    if unknown := sorted(set(values) - set(accepted)):
        raise TypeError(f"{unknown[0]!r} is not one of {', '.join(accepted)}")
    return dict(values)


def in_words(value: Any) -> str | None:
    """Say a value: a row by its name, rows by theirs, a time in UTC."""
    if value is None:
        return None
    if isinstance(value, set | frozenset | list | tuple | QuerySet):
        return _joined(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _joined(rows: Iterable[Any]) -> str:
    return ", ".join(sorted(str(row) for row in rows))
