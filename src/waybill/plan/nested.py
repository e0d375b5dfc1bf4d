"""Child rows as a JSON list inside the row that they belong to, made by PostgreSQL."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, F, Func, QuerySet, StringAgg, Subquery, TextField, Value, When
from django.db.models.functions import Cast

from waybill.declare import kinds
from waybill.plan.inner import IsNull
from waybill.values import Options, PlannedColumn

__all__ = ["listed"]


class JsonObject(Func):
    """An object with its keys in order, as text."""

    function = "json_build_object"
    template = "%(function)s(%(expressions)s)::text"
    output_field = TextField()


class AsJson(Func):
    """A text that is JSON already, so that it is not quoted again."""

    template = "(%(expressions)s)::json"
    output_field = TextField()


class RawInstant(Func):
    """A point in time in UTC with microseconds, as in the raw form."""

    template = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
    output_field = TextField()


class Instant(Func):
    """A point in time as a zone's clocks show it, with its distance from UTC, as in a row.

    Worked out from both clocks: in the session's zone, which could say it, a function of the
    host's would give something else. Near the ends of time it is in UTC, as in a row.
    """

    output_field = TextField()
    template = """(SELECT CASE
        WHEN NOT t BETWEEN '0001-01-03 00:00+00' AND '9999-12-30 00:00+00'
        THEN replace(utc::text, ' ', 'T') || '+00:00'
        ELSE replace(here::text, ' ', 'T') || CASE WHEN here < utc THEN '-' ELSE '+' END
        || regexp_replace(greatest(here - utc, utc - here)::text, '^(..:..):00$', '\\1') END
        FROM (SELECT t, t AT TIME ZONE 'UTC' AS utc, t AT TIME ZONE '%(zone)s' AS here
        FROM (SELECT %(expressions)s AS t) AS given) AS clocks)"""

    def __init__(self, plain: Any, *, zone: str) -> None:
        super().__init__(plain, zone=str(ZoneInfo(zone)))  # none but a known name gets into SQL


class Bracketed(Func):
    """A list of what was joined by commas; an empty one of nothing."""

    template = "'[' || coalesce(%(expressions)s, '') || ']'"
    output_field = TextField()


def listed(
    rows: "QuerySet[Any]",
    parent: str,
    columns: Sequence[PlannedColumn],
    values: Sequence[Any],
    ordering: Sequence[Any],
    options: Options,
) -> Bracketed:
    """Give the list of the child rows, which are already those of the outer row."""
    each = whole(columns, values, options)
    together = StringAgg(each, Value(","), order_by=list(ordering))
    grouped = rows.order_by().values(parent).annotate(wb_all=together)
    return Bracketed(Subquery(grouped.values("wb_all"), output_field=TextField()))


def whole(columns: Sequence[PlannedColumn], values: Sequence[Any], options: Options) -> JsonObject:
    """Give an object of some columns, whose values stand at their places."""
    inside: list[Any] = []
    for column in columns:
        inside += [Cast(Value(column.key), TextField()), value(column, values, options)]
    return JsonObject(*inside)


def value(column: PlannedColumn, values: Sequence[Any], options: Options) -> Any:
    """Give one value, as what JSON has for its kind."""
    if column.parts:
        missing = When(IsNull(values[column.parts[0].index]), then=Value(None))
        inside = AsJson(whole(column.parts, values, options))
        return Case(missing, default=inside, output_field=TextField())
    plain = values[column.index]
    if isinstance(plain, str):
        plain = F(plain)
    if column.kind == kinds.DATETIME:
        return RawInstant(plain) if options.raw else Instant(plain, zone=options.zone)
    return AsJson(plain) if column.kind in kinds.DOCUMENTS else plain
