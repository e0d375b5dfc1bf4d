"""Rows that a fresh database starts with."""

from collections.abc import Sequence

from django.db import connections
from django.db.models import Model

__all__ = ["fill", "is_empty"]


def is_empty(model: type[Model], using: str) -> bool:
    """Say whether the table is there and has no row; `migrate` may have made some tables only."""
    if model._meta.db_table not in connections[using].introspection.table_names():
        return False
    return not model._default_manager.using(using).exists()


def fill[M: Model](model: type[M], rows: Sequence[M], using: str) -> None:
    """Make copies of the rows where the table is empty; what somebody deleted stays deleted."""
    if not is_empty(model, using):
        return
    fields = [field.attname for field in model._meta.concrete_fields if not field.primary_key]
    model._default_manager.using(using).bulk_create(
        model(**{name: getattr(row, name) for name in fields}) for row in rows
    )
