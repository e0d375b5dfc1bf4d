"""Worksheet rows rendered by PostgreSQL.

Nearly all rows hold no text that needs care, and one look at a whole row tells: exact escaping
of every cell cost 3.6 times a plain COPY, one pattern over the joined texts half of one.
"""

from collections.abc import Sequence

from waybill.declare import kinds
from waybill.values import Plan, PlannedColumn
from waybill.write import cells, text
from waybill.write.cells import literal
from waybill.write.sqltext import together
from waybill.write.xlsx import rules

__all__ = ["row_sql"]

MOST_ARGUMENTS = 90  # a function of PostgreSQL takes at most 100


def row_sql(plan: Plan) -> str:
    """Give SQL for a whole row, with the parts that do not fit their cells behind it."""
    columns = plan.columns
    plain = ["'<row>'", *(_plain(column, plan) for column in columns), "'</row>'"]
    texts = [column for column in columns if column.kind in rules.TEXTS]
    if not texts:
        return together(plain)
    careful = ["'<row>'", *(_careful(column, plan) for column in columns), "'</row>'"]
    beyond = [
        _beyond(column, place) for place, column in enumerate(columns) if column.kind in rules.TEXTS
    ]
    return (
        f"CASE WHEN {_needs_care(texts, plan)} THEN {together([*careful, *beyond])} "
        f"ELSE {together(plain)} END"
    )


def _inner(column: PlannedColumn) -> str:
    return f"r.c{column.index + 1}"


def _needs_care(columns: Sequence[PlannedColumn], plan: Plan) -> str:
    """Give SQL that is true where a text of the row may need care."""
    joined = _joined([_inner(column) for column in columns])
    pattern = rules.care(plan.options, f"(^|{rules.BETWEEN})", f"({rules.BETWEEN}|$)")
    return f"(octet_length({joined}) > {rules.CELL_UNITS} OR {joined} ~ {literal(pattern)})"


def _joined(texts: list[str]) -> str:
    groups = [texts[at : at + MOST_ARGUMENTS] for at in range(0, len(texts), MOST_ARGUMENTS)]
    joined = [f"concat_ws('{rules.BETWEEN}', {', '.join(group)})" for group in groups]
    return joined[0] if len(joined) == 1 else _joined(joined)


def _plain(column: PlannedColumn, plan: Plan) -> str:
    """Give SQL for a cell in a row that needs no care."""
    inner = _inner(column)
    if column.kind in rules.TEXTS:
        return _filled(f"'{rules.OPEN}' || {inner} || '{rules.CLOSE}'")
    return _filled(_value(column.kind, inner, plan))


def _filled(cell: str) -> str:
    return f"coalesce({cell}, '{rules.EMPTY}')"


def _careful(column: PlannedColumn, plan: Plan) -> str:
    """Give SQL for a cell in a row that may need care."""
    plain = _plain(column, plan)
    if column.kind not in rules.TEXTS:
        return plain
    inner = _inner(column)
    shown = f"CASE WHEN {_long(inner)} THEN left({inner}, {rules.PART_CHARACTERS}) ELSE {inner} END"
    cell = f"'<c' || {_style(inner, plan)} || '{rules.KEPT}' || {_escaped('p.t')}"
    # OFFSET 0 keeps the text from being cut and measured anew at each place that names it.
    # Compiled cells: values are parameters.
    kept = f"(SELECT {cell} || '{rules.CLOSE}' FROM (SELECT {shown} AS t OFFSET 0) AS p)"  # noqa: S608
    return (
        f"CASE WHEN {inner} IS NULL THEN '{rules.EMPTY}' "
        f"WHEN octet_length({inner}) > {rules.CELL_UNITS} "
        f"OR {inner} ~ {literal(rules.care(plan.options, '^', '$'))} "
        f"THEN {kept} ELSE {plain} END"
    )


def _style(inner: str, plan: Plan) -> str:
    """Give SQL for the style of a text: one that looks like a formula is marked as a text."""
    if not plan.options.guard:
        return "''"
    quoted = f"' s=\"{rules.STYLES['quoted']}\"'"
    hit = cells.needs_guard_sql(inner, rarely=True)
    return f"CASE WHEN {hit} THEN {cells.tallied('guarded')} || {quoted} ELSE '' END"


def _beyond(column: PlannedColumn, place: int) -> str:
    """Give SQL for what does not fit a cell, behind its marks, as a JSON text; or nothing.

    It is cut into parts by who writes them: here each cut would walk the text from its start.
    """
    inner = _inner(column)
    rest = f"replace(to_json(substr({inner}, {rules.PART_CHARACTERS + 1}))::text, '<', '\\u003c')"
    return f"CASE WHEN {_long(inner)} THEN E'\\x02{place}\\x03' || {rest} ELSE '' END"


def _long(inner: str) -> str:
    """Give SQL for whether a text has more UTF-16 units than a cell can hold."""
    narrow = f"regexp_replace({inner}, '[\\U00010000-\\U0010ffff]', '', 'g')"
    return (
        f"coalesce(octet_length({inner}) > {rules.CELL_UNITS} "
        f"AND (length({inner}) > {rules.CELL_UNITS} "
        f"OR 2 * length({inner}) - length({narrow}) > {rules.CELL_UNITS}), false)"
    )


def _escaped(shown: str) -> str:
    """Give SQL that escapes a text for XML, and as Excel does what XML cannot hold."""
    made = (
        f"CASE WHEN {shown} ~ '{rules.LITERAL_ESCAPE}' THEN regexp_replace({shown}, "
        f"'_(?=x[0-9A-Fa-f]{{4}}_)', '_x005F_', 'g') ELSE {shown} END"
    )
    for sign, entity in rules.ENTITIES:
        made = f"replace({made}, '{sign}', '{entity}')"
    made = f"replace({made}, E'\\r', '_x000D_')"
    rare = made
    for code in (*range(0x01, 0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0xFFFE, 0xFFFF):
        rare = f"replace({rare}, U&'\\{code:04X}', '_x{code:04X}_')"
    return f"CASE WHEN {shown} ~ '[{rules.CONTROLS}]' THEN {rare} ELSE {made} END"


def _value(kind: str, inner: str, plan: Plan) -> str:
    """Give SQL for the cell of a value that is no text, null for null."""
    if kind in NUMBERS:
        shown = f"({_shown(kind, inner, plan)})::text"
        fits = NUMBERS[kind].format(inner)
        return f"CASE WHEN {fits} THEN '<c><v>' || {shown} || '</v></c>' ELSE {_said(shown)} END"
    if kind == kinds.BOOLEAN:
        return f"'<c t=\"b\"><v>' || {inner}::int || '</v></c>'"
    shown = _said(f"({_shown(kind, inner, plan)})::text")
    if plan.options.raw or kind not in rules.STYLES:
        return shown
    if kind == kinds.DATETIME:
        return _instant(inner, shown, plan)
    fits, serial = SERIALS[kind]
    number = _serial(kind, serial.format(inner))
    return f"CASE WHEN {fits.format(inner)} THEN {number} ELSE {shown} END"


def _shown(kind: str, inner: str, plan: Plan) -> str:
    return text.shown_sql(kind, inner, plan.options, session=bool(plan.session_zone))


def _said(shown: str) -> str:
    return f"'{rules.OPEN}' || {shown} || '{rules.CLOSE}'"


def _serial(kind: str, number: str) -> str:
    return f"'<c s=\"{rules.STYLES[kind]}\"><v>' || ({number}) || '</v></c>'"


def _instant(inner: str, shown: str, plan: Plan) -> str:
    """Give SQL for a point in time; only near the ends of Excel's years is the local day asked."""
    local = f"({inner} AT TIME ZONE {literal(plan.options.zone)})"
    if plan.session_zone == plan.options.zone:
        local = f"{inner}::timestamp"  # a third of the cost: no zone is looked up by its name
    serial = _serial(
        kinds.DATETIME,
        f"(floor(date_part('epoch', {local})) + {rules.SECONDS_BEFORE_1970}) / 86400",
    )
    return (
        f"CASE WHEN {inner} BETWEEN '1900-03-03 00:00+00' AND '9999-12-30 00:00+00' THEN {serial} "
        f"WHEN {text.within_sql(inner)} AND {local} >= '{rules.FIRST_SERIAL}' THEN {serial} "
        f"ELSE {shown} END"
    )


_DIGITS = "length(ltrim(replace({0}::text, '.', ''), '-'))"
NUMBERS = {
    kinds.INTEGER: "{0} BETWEEN -999999999999999 AND 999999999999999",
    kinds.DECIMAL: f"{_DIGITS} <= {rules.EXACT_DIGITS}",
    kinds.FLOAT: f"{{0}} = 0 OR abs({{0}}) BETWEEN {rules.SMALLEST!r} AND {rules.LARGEST!r}",
}
SERIALS = {
    kinds.DATE: (f"{{0}} >= '{rules.FIRST_SERIAL}'", "{0} - '1899-12-30'::date"),
    kinds.TIME: (
        "{0} IS NOT NULL",
        f"(extract(epoch FROM {{0}}) * 1000000)::float8 / {rules.MICROSECONDS_A_DAY}",
    ),
    kinds.DURATION: (
        "{0} >= '0'::interval",
        f"(extract(epoch FROM {{0}}) * 1000000)::float8 / {rules.MICROSECONDS_A_DAY}",
    ),
}
