"""Fields of a stored row set anew, with what the history says of it."""

from collections.abc import Iterable
from typing import Any, TypedDict

from django.db import models

__all__ = ["FieldChange", "set_fields"]


class FieldChange(TypedDict):
    """One line of a history."""

    field: str
    old: str | None
    new: str | None


def set_fields(row: models.Model, wanted: Iterable[tuple[str, Any]]) -> list[FieldChange]:
    """Save the columns whose value differs; relations are told by what they are called."""
    different = [(column, value) for column, value in wanted if getattr(row, column) != value]
    if not different:
        return []
    fields = [row._meta.get_field(column) for column, _ in different]
    old = [_shown(row, field.name) for field in fields]
    for column, value in different:
        setattr(row, column, value)
    row.save(update_fields=[field.name for field in fields])
    return [
        {"field": field.name, "old": before, "new": _shown(row, field.name)}
        for field, before in zip(fields, old, strict=True)
    ]


def _shown(row: models.Model, name: str) -> str | None:
    value = getattr(row, name)
    return None if value is None else str(value)
