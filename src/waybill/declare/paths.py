"""Following a path such as `status__name` through models."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.db.models.constants import LOOKUP_SEP

from waybill import errors

__all__ = ["Target", "crosses_many", "follow"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a path ends: the field, and whether the way crosses a relation to many rows."""

    field: Any
    many: bool


@cache
def follow(model: type[Model], path: str) -> Target:
    """Follow `path` from `model` to its last field.

    Raises `DeclarationError` naming the step that does not exist and the names that do.
    """
    many = False
    here: type[Model] | None = model
    field: Any = None
    for step in path.split(LOOKUP_SEP):
        if here is None:
            raise errors.DeclarationError(f"path {path!r}: nothing can follow {field.name!r}")
        field = step_from(here, step, path)
        many = many or bool(field.one_to_many or field.many_to_many)
        here = field.related_model if field.is_relation else None
    if field.is_relation and not field.concrete:
        raise errors.DeclarationError(f"path {path!r} ends at a relation: name one of its fields")
    if field.many_to_many:
        raise errors.DeclarationError(f"path {path!r} ends at a relation: name one of its fields")
    return Target(field=field, many=many)


@cache
def crosses_many(model: type[Model], path: str) -> bool:
    """Say whether a path, which may end at a relation or in a lookup, leads to many rows."""
    here: type[Model] | None = model
    for step in path.split(LOOKUP_SEP):
        try:
            field = None if here is None else step_from(here, step, path)
        except errors.DeclarationError:  # a lookup, or an annotation
            field = None
        if field is None:
            return False
        if field.one_to_many or field.many_to_many:
            return True
        here = field.related_model if field.is_relation else None
    return False


def step_from(model: type[Model], step: str, path: str) -> Any:
    """Find one step of a path, `pk` and `..._id` included."""
    if step == "pk":
        return model._meta.pk
    fields: Any = model._meta.get_fields()
    for field in fields:
        if step in {field.name, getattr(field, "attname", None), query_name(field)}:
            if hasattr(field, "ct_field"):  # a GenericForeignKey; importing it needs loaded apps
                raise errors.DeclarationError(
                    f"path {path!r}: {step!r} is a generic relation without a column; "
                    f"use {field.ct_field!r} and {field.fk_field!r}"
                )
            return field
    known = ", ".join(sorted(query_name(field) for field in fields))
    raise errors.DeclarationError(
        f"path {path!r}: {model.__name__} has no {step!r}; it has {known}"
    ) from FieldDoesNotExist(step)


def query_name(field: Any) -> str:
    """Name a field as queries do: a reverse relation by its related query name."""
    if field.auto_created and not field.concrete:
        return str(field.field.related_query_name())
    return str(field.name)
