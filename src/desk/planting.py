"""Rows that a fresh database starts with."""

from collections.abc import Iterable

from django.db.models import Model

__all__ = ["fill"]


def fill[M: Model](model: type[M], rows: Iterable[M]) -> None:
    """Make copies of the rows where the table is empty; what somebody deleted stays deleted."""
    if model._default_manager.exists():
        return
    fields = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
    model._default_manager.bulk_create(
        model(**{name: getattr(row, name) for name in fields}) for row in rows
    )
