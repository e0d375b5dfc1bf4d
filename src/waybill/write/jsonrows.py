"""One JSON object a row, for JSON and NDJSON: as SQL over the inner values, and as Python.

Both give the same bytes: compact, keys in the order of the columns, one line a row. The rules
are in `docs/reference/formats.md`.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import chain
from json.encoder import encode_basestring
from typing import Any
from zoneinfo import ZoneInfo

from waybill.declare import kinds
from waybill.values import LIST_MARK, LargeRow, Options, Plan, PlannedColumn, SqlRow
from waybill.write import large, text
from waybill.write.cells import literal
from waybill.write.hours import EARLIEST, LATEST, SIXTY, Hours
from waybill.write.sqltext import together

__all__ = ["row", "row_sql"]

type Values = tuple[Any, ...]

_BARE = frozenset({kinds.INTEGER, kinds.FLOAT, kinds.DECIMAL, kinds.BOOLEAN})  # without quotes


def row_sql(plan: Plan) -> SqlRow:
    """Render a row as one text, sent binary: COPY's text forms look at every byte again."""
    return SqlRow(select=(together([*_object_sql(plan.columns, plan), r"E'\n'"]),),
                  options="FORMAT binary")  # fmt: skip


def row(plan: Plan) -> Callable[[Values], bytes | LargeRow]:
    """Render a tuple of inner values in Python."""
    render = _object(plan.columns, plan.options)

    def line(values: Values) -> bytes | LargeRow:
        try:
            return text.utf8(render(values) + "\n")
        except large.TooLarge:
            pieces = chain(_object_pieces(plan.columns, plan.options, values), "\n")
            return LargeRow(large.encoded(pieces))

    return line


def _object_sql(columns: Iterable[PlannedColumn], plan: Plan) -> list[str]:
    """Give the pieces of SQL that make an object when put together."""
    pieces = []
    for place, column in enumerate(columns):
        key = ("," if place else "{") + encode_basestring(column.key) + ":"
        pieces += [literal(key), _value_sql(column, plan)]
    return [*pieces, "'}'"] if pieces else ["'{}'"]


def _value_sql(column: PlannedColumn, plan: Plan) -> str:
    """Give the SQL of one value as JSON text, never null."""
    if column.parts:
        whole = together(_object_sql(column.parts, plan))
        return f"CASE WHEN {_empty_sql(column)} THEN 'null' ELSE {whole} END"
    inner = f"r.c{column.index + 1}"
    if column.many:
        listed = f"to_json(string_to_array({inner}, {_escaped(LIST_MARK)}))::text"
        return f"CASE {inner} WHEN '' THEN '[\"\"]' ELSE coalesce({listed}, '[]') END"
    if column.kind == kinds.BOOLEAN:
        return f"CASE WHEN {inner} THEN 'true' WHEN {inner} IS NULL THEN 'null' ELSE 'false' END"
    return f"coalesce({_present_sql(column.kind, inner, plan)}, 'null')"


def _empty_sql(column: PlannedColumn) -> str:
    return " AND ".join(f"r.c{part.index + 1} IS NULL" for part in column.parts)


def _escaped(mark: str) -> str:
    return "E'" + "".join(f"\\x{ord(one):02x}" for one in mark) + "'"


def _present_sql(kind: str, inner: str, plan: Plan) -> str:
    if kind == kinds.TEXT:
        return f"to_json({inner}::text)::text"
    if kind in kinds.DOCUMENTS:
        return inner
    if kind == kinds.DATETIME and not plan.options.raw:
        return _instant_sql(inner, plan)
    shown = f"({text.shown_sql(kind, inner, plan.options)})::text"
    return shown if kind in _BARE else _said_sql(shown)


def _instant_sql(inner: str, plan: Plan) -> str:
    """Give SQL for a point in time as a zone's clocks show it, with its distance from UTC.

    Only the session's own zone has a text with the distance; for any other it is worked out,
    which costs twice as much.
    """
    utc = _said_sql(f"replace(({inner} AT TIME ZONE 'UTC')::text, ' ', 'T') || '+00:00'")
    if plan.session_zone == plan.options.zone:
        return f"CASE WHEN {text.within_sql(inner)} THEN to_json({inner})::text ELSE {utc} END"
    if plan.options.zone == "UTC":
        return utc
    local = f"({inner} AT TIME ZONE {literal(plan.options.zone)})"
    shown = f"replace({local}::text, ' ', 'T') || {_distance_sql(inner, local, plan.options.zone)}"
    return f"CASE WHEN {text.within_sql(inner)} THEN {_said_sql(shown)} ELSE {utc} END"


def _said_sql(shown: str) -> str:
    return f"""('"' || {shown} || '"')"""


def _distance_sql(inner: str, local: str, zone: str) -> str:
    """Give SQL for how far a local time is from UTC, as `+01:00`."""
    utc = f"({inner} AT TIME ZONE 'UTC')"
    known = " ".join(f"WHEN '{one}'::interval THEN '{one}'" for one in _usual_offsets(zone))
    gap = f"greatest({local} - {utc}, {utc} - {local})::text"
    odd = (
        f"CASE WHEN {local} < {utc} THEN '-' ELSE '+' END || "
        f"CASE WHEN right({gap}, 3) = ':00' THEN left({gap}, 5) ELSE {gap} END"
    )
    return f"CASE {local} - {utc} {known} ELSE {odd} END"


@cache
def _usual_offsets(zone: str) -> tuple[str, ...]:
    """Give the distances from UTC that most rows will have, as `+01:00`."""
    place = ZoneInfo(zone)
    days = (datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=30 * month) for month in range(12))
    found = {day.astimezone(place).isoformat()[19:] for day in days}
    return tuple(sorted(found))


def _object(columns: Iterable[PlannedColumn], options: Options) -> Callable[[Values], str]:
    """Give the function from a tuple of inner values to an object."""
    keyed = [
        (("," if place else "{") + encode_basestring(column.key) + ":", _value(column, options))
        for place, column in enumerate(columns)
    ]

    def render(values: Values) -> str:
        return "".join([key + value(values) for key, value in keyed]) + "}"

    return render


def _value(column: PlannedColumn, options: Options) -> Callable[[Values], str]:
    """Give the function from a tuple of inner values to one value as JSON text."""
    if column.parts:
        return _nested(column, options)
    index = column.index
    present = _members if column.many else _present(column.kind, options)
    absent = "[]" if column.many else "null"

    def render(values: Values) -> str:
        value = values[index]
        return absent if value is None else present(value)

    return render


def _nested(column: PlannedColumn, options: Options) -> Callable[[Values], str]:
    places = [part.index for part in column.parts]
    whole = _object(column.parts, options)

    def render(values: Values) -> str:
        if all(values[place] is None for place in places):
            return "null"
        return whole(values)

    return render


def _members(value: str) -> str:
    return "[" + ",".join(map(encode_basestring, value.split(LIST_MARK))) + "]"


def _present(kind: str, options: Options) -> Callable[[Any], str]:
    if kind == kinds.TEXT:
        return _text
    if kind in kinds.DOCUMENTS:
        return _document
    if kind == kinds.DATETIME and not options.raw:
        return _instant(ZoneInfo(options.zone))
    shown = text.shown(kind, options)
    if kind in _BARE:
        return lambda value: shown(value) or "null"
    return lambda value: f'"{shown(value)}"'


def _text(value: Any) -> str:
    said = str(value)
    if len(said) > large.LARGE_TEXT:
        raise large.TooLarge
    return encode_basestring(said)


def _document(value: str) -> str:
    """Keep a document as the database has it, on one line: JSON has no line feed in a text."""
    if len(value) > large.LARGE_TEXT:
        raise large.TooLarge
    return _on_one_line(value)


def _on_one_line(value: str) -> str:
    return value.replace("\n", " ").replace("\r", " ")


def _instant(zone: ZoneInfo) -> Callable[[datetime], str]:
    """Write points in time as the clocks of a zone show them, with the distance from UTC."""

    hours = Hours(zone, lambda begins: (begins.isoformat()[:14], begins.isoformat()[19:]))

    def local(value: datetime) -> str:
        if value.tzinfo is UTC and (hour := hours[value.toordinal() * 24 + value.hour]):
            begins, distance = hour
            return f'"{begins}{SIXTY[value.minute]}:{SIXTY[value.second]}{part(value)}{distance}"'
        whole = value.astimezone(zone if EARLIEST <= value <= LATEST else UTC).isoformat()
        if not value.microsecond:
            return f'"{whole}"'
        return f'"{whole[:26].rstrip("0")}{whole[26:]}"'

    def part(value: datetime) -> str:
        return f".{value.microsecond:06d}".rstrip("0") if value.microsecond else ""

    return local


def _object_pieces(
    columns: Iterable[PlannedColumn], options: Options, values: Values
) -> Iterator[str]:
    """Render an object that holds a large text."""
    for place, column in enumerate(columns):
        yield ("," if place else "{") + encode_basestring(column.key) + ":"
        yield from _value_pieces(column, options, values)
    yield "}"


def _value_pieces(column: PlannedColumn, options: Options, values: Values) -> Iterator[str]:
    if column.parts:
        if all(values[part.index] is None for part in column.parts):
            yield "null"
        else:
            yield from _object_pieces(column.parts, options, values)
    elif column.many or (value := values[column.index]) is None:
        yield _value(column, options)(values)
    elif column.kind == kinds.TEXT:
        yield '"'
        for one in large.segments(str(value)):
            yield encode_basestring(one)[1:-1]
        yield '"'
    elif column.kind in kinds.DOCUMENTS:
        yield from map(_on_one_line, large.segments(value))
    else:
        yield _value(column, options)(values)
