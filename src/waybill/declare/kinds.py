"""The kinds of values that a column can hold, found from model fields and expressions."""

from typing import Any

from django.core.exceptions import FieldError
from django.db import models

from waybill import errors

__all__ = [
    "ADDRESS",
    "ARRAY",
    "BOOLEAN",
    "DATE",
    "DATETIME",
    "DECIMAL",
    "DOCUMENTS",
    "DURATION",
    "FLOAT",
    "INTEGER",
    "JSON",
    "TEXT",
    "TIME",
    "UUID",
    "converts",
    "expressed",
    "is_document",
    "kind_of",
    "output_of",
]

TEXT = "text"
INTEGER = "integer"
FLOAT = "float"
DECIMAL = "decimal"
BOOLEAN = "boolean"
DATE = "date"
TIME = "time"
DATETIME = "datetime"
DURATION = "duration"
UUID = "uuid"
JSON = "json"
ARRAY = "array"
ADDRESS = "address"

DOCUMENTS = (JSON, ARRAY)

# First match counts: DateTimeField is a DateField, and the integer keys are no IntegerField.
FIELDS: tuple[tuple[type, str], ...] = (
    (models.DateTimeField, DATETIME),
    (models.DateField, DATE),
    (models.TimeField, TIME),
    (models.DurationField, DURATION),
    (models.BooleanField, BOOLEAN),
    (models.DecimalField, DECIMAL),
    (models.FloatField, FLOAT),
    (models.IntegerField, INTEGER),
    (models.UUIDField, UUID),
    (models.JSONField, JSON),
    (models.GenericIPAddressField, ADDRESS),
    (models.CharField, TEXT),
    (models.TextField, TEXT),
    (models.FileField, TEXT),
    (models.FilePathField, TEXT),
)


def kind_of(field: Any) -> str:
    """Name the kind of a field's values.

    Raises `DeclarationError` for binary fields and for fields of unknown kinds.
    """
    if isinstance(field, models.ForeignKey):
        return kind_of(field.target_field)
    if isinstance(field, models.GeneratedField):
        return kind_of(field.output_field)
    for known, kind in FIELDS:
        if isinstance(field, known):
            return kind
    if type(field).__name__ == "ArrayField":  # importing it would need psycopg everywhere
        return ARRAY
    if isinstance(field, models.BinaryField):
        raise errors.DeclarationError(
            "binary values have no form that every file format can hold; "
            "use an expression or a function that gives text"
        )
    raise errors.DeclarationError(f"a {type(field).__name__} has no known form in a file")


def converts(field: Any) -> bool:
    """Say whether a field of the host's own gives Python another value than the database has.

    As one that keeps amounts in cents, or texts encrypted.
    """
    if isinstance(field, models.ForeignKey):
        return converts(field.target_field)
    if isinstance(field, models.GeneratedField):
        return converts(field.output_field)
    if (inside := getattr(field, "base_field", None)) is not None:  # of an array
        return converts(inside)
    own = getattr(type(field), "from_db_value", None)
    return own is not None and not own.__module__.startswith("django.")


def is_document(field: Any) -> bool:
    """Say whether a field holds JSON documents or arrays."""
    return kind_of(field) in DOCUMENTS


def expressed(model: type[models.Model], expression: Any) -> str:
    """Name the kind of the values of an ORM expression over a model's rows.

    Raises `DeclarationError` where the expression does not say, or cannot be used.
    """
    return kind_of(output_of(model, expression))


def output_of(model: type[models.Model], expression: Any) -> Any:
    """Give the output field of an expression; raises `DeclarationError` where it has none."""
    try:
        query = model._base_manager.annotate(wb_kind=expression).query
        return query.annotations["wb_kind"].output_field
    except (FieldError, TypeError, ValueError) as problem:
        raise errors.DeclarationError(str(problem)) from problem
