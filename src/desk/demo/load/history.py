"""Fields of a stored row set anew, with what the history says of it."""

from collections.abc import Iterable
from typing import Any

from django.db import models

from desk.history import Change, in_words

__all__ = ["set_fields"]


def set_fields(row: models.Model, wanted: Iterable[tuple[str, Any]]) -> list[Change]:
    """Save the columns whose value differs; relations are told by what they are called."""
    different = [(column, value) for column, value in wanted if getattr(row, column) != value]
    if not different:
        return []
    names = [row._meta.get_field(column).name for column, _ in different]
    old = [in_words(getattr(row, name)) for name in names]
    for column, value in different:
        setattr(row, column, value)
    row.save(update_fields=names)
    return [
        Change(field=name, old=before, new=in_words(getattr(row, name)))
        for name, before in zip(names, old, strict=True)
    ]
