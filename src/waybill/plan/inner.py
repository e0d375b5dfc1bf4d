"""The inner query: each column as an ORM expression, the order."""

import hashlib
import hmac
from collections.abc import Sequence
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    CharField,
    F,
    Func,
    Model,
    OuterRef,
    StringAgg,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KeyTransform
from django.db.models.functions import Cast, Concat, Left
from django.db.models.lookups import Exact

from waybill import conf
from waybill.declare import kinds, paths
from waybill.declare.columns import Column
from waybill.declare.exports import Export
from waybill.declare.policy import Person

__all__ = [
    "MASK",
    "IsNull",
    "JsonText",
    "PlainText",
    "expression",
    "hidden",
    "labelled",
    "order",
]

MASK = "•••"
HASH_LETTERS = 32


def expression(export: Export, column: Column) -> Any:
    """Give the ORM expression of a column's plain values."""
    if column.expression is not None:
        return column.expression
    if column.annotated is not None:
        return F(column.name)
    if paths.follow(export.model, column.source).many:
        return joined(export.model, column, column.joined)
    return F(column.source)


def joined(model: type[Model], column: Column, between: str, *, labels: bool = False) -> Subquery:
    """Join the values of a to-many path to one text, in their own order, or their labels."""
    text: Any = Cast(column.source, TextField())
    if labels:
        text = labelled(model, column, F(column.source))
    rows = model._base_manager.filter(pk=OuterRef("pk")).order_by()
    together = StringAgg(text, Value(between), order_by=text)
    values = rows.annotate(wb_text=text).filter(wb_text__isnull=False).order_by("wb_text")
    return Joined(
        rows.values("pk").annotate(wb_all=together).values("wb_all"),
        listed=values.values("wb_text"),
        separator=between,
    )


class Joined(Subquery):
    """Texts of related rows in one; `listed` gives them in order, a row each.

    SQLite before 3.44 cannot order inside an aggregate, so there a list in order is joined.
    """

    def __init__(self, together: Any, *, listed: Any, separator: str) -> None:
        super().__init__(together, output_field=TextField())
        self.listed: Any = Subquery(listed).query
        self.separator = separator

    def get_source_expressions(self) -> list[Any]:
        """Let both forms be resolved."""
        return [self.query, self.listed]

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        """Take both forms back."""
        self.query, self.listed = exprs

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Join what comes in order."""
        sql, params = self.listed.as_sql(compiler, connection)
        joined = f"(SELECT GROUP_CONCAT(wb_text, %s) FROM {sql})"  # noqa: S608 - a compiled query
        return joined, (self.separator, *params)


def labelled(model: type[Model], column: Column, plain: Any) -> Case:
    """Give the label of each of a field's choices, and any other value itself."""
    field = paths.follow(model, column.source).field
    held = Exactly(F(column.source)) if kinds.kind_of(field) == kinds.TEXT else F(column.source)
    cases = [
        When(
            IsNull(held) if value is None else Exact(held, Value(value, output_field=field)),
            then=Value(str(label)),
        )
        for value, label in field.flatchoices
    ]
    return Case(*cases, default=Cast(plain, TextField()), output_field=TextField())


class Exactly(Func):
    """A text that is compared letter by letter, where its column takes capitals for small ones."""

    template = "%(expressions)s"

    def as_mysql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Compare the bytes."""
        return self.as_sql(compiler, connection, template="BINARY %(expressions)s", **extra)


def has_choices(export: Export, column: Column) -> bool:
    """Say whether a column's values are shown by labels."""
    if not column.source or column.annotated is not None:
        return False
    return bool(getattr(paths.follow(export.model, column.source).field, "flatchoices", ()))


def hidden(export: Export, column: Column) -> Any:
    """Give what stands in place of values that a person may not see."""
    if column.function is not None:  # without its values, whether there are any is not known
        return Value(MASK, output_field=TextField())
    plain = expression(export, column)
    return masked(plain) if column.otherwise == "mask" else hashed(export.name, column.name, plain)


def masked(plain: Any) -> Case:
    """Hide every value; nothing stays nothing."""
    return Case(
        When(IsNull(plain), then=Value(None)), default=Value(MASK), output_field=TextField()
    )


class IsNull(Func):
    """Whether an expression is null, as a condition."""

    template = "%(expressions)s IS NULL"
    output_field = BooleanField()
    conditional = True


class Sha256(Func):
    """SHA-256 of a text's UTF-8 bytes, in hex."""

    output_field = CharField()
    function = "SHA256"  # Django registers it on SQLite

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Hash the bytes of the text: a plain cast to bytea would read backslashes."""
        template = "encode(sha256(convert_to(%(expressions)s, 'UTF8')), 'hex')"
        return self.as_sql(compiler, connection, template=template, **extra)

    def as_mysql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Use the server's own function."""
        return self.as_sql(compiler, connection, template="SHA2(%(expressions)s, 256)", **extra)


def hashed(resource: str, key: str, plain: Any) -> Case:
    """Replace every value by a keyed hash: equal values stay equal, and none can be guessed."""
    name = f"waybill.column-hash:{resource}.{key}".encode()
    salt = hmac.new(conf.secret(), name, hashlib.sha256).hexdigest()
    digest = Sha256(Concat(Value(salt), Cast(plain, TextField()), output_field=TextField()))
    short = Left(digest, HASH_LETTERS)
    return Case(When(IsNull(plain), then=Value(None)), default=short, output_field=TextField())


class PlainText(Func):
    """A value of another type as PostgreSQL's text, under a collation that patterns work with.

    Elsewhere Python makes the text.
    """

    template = "%(expressions)s"

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Cast it."""
        template = '((%(expressions)s)::text COLLATE "default")'
        return self.as_sql(compiler, connection, template=template, **extra)


class JsonText(Func):
    """A JSON document or an array, as the text that the database has for it."""

    output_field = TextField()
    template = "CAST(%(expressions)s AS TEXT)"

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Let arrays become JSON too."""
        return self.as_sql(
            compiler, connection, template="to_jsonb(%(expressions)s)::text", **extra
        )

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Quote a text that stands under a key: SQLite gives it as it is, which is no JSON."""
        (source,) = self.get_source_expressions()
        plain = self.as_sql(compiler, connection, **extra)
        if not isinstance(source, KeyTransform):
            return plain
        held, values, keys = source.preprocess_lhs(compiler, connection)
        place = (*values, connection.ops.compile_json_path(keys))
        sql = (
            f"CASE JSON_TYPE({held}, %s) WHEN 'text' THEN JSON_QUOTE(JSON_EXTRACT({held}, %s))"
            f" ELSE {plain[0]} END"
        )
        return sql, (*place, *place, *plain[1])

    def as_mysql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Cast to the text type that this server casts to."""
        return self.as_sql(compiler, connection, template="CAST(%(expressions)s AS CHAR)", **extra)


def order(export: Export, sort: Sequence[str], user: Person | None) -> list[Any]:
    """Order by the named columns, then by primary key in the direction of the last one.

    Nulls stand where PostgreSQL's indexes have them: last going up, first going down. A column
    that is kept from the person does not order the rows: they would tell its values.
    """
    ordering: list[Any] = []
    descending = False
    for one in sort:
        key = export.column(one.removeprefix("-"))
        if export.withheld(key, user):
            continue
        descending = one.startswith("-")
        plain = sort_expression(export, key)
        ordering.append(plain.desc() if descending else plain.asc())
    keys = [F(field.attname) for field in export.model._meta.pk_fields]
    return [*ordering, *(key.desc() if descending else key.asc() for key in keys)]


def sort_expression(export: Export, column: Column) -> Any:
    """Give what a column is sorted by."""
    chosen = column.sort or expression(export, column)
    return F(chosen) if isinstance(chosen, str) else chosen
