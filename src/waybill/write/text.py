"""The text of every kind of value, as SQL over a column and as Python over a value.

For one database both give the same text. The rules are in `docs/reference/formats.md`.
"""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from waybill.declare import kinds
from waybill.values import Options
from waybill.write.cells import literal
from waybill.write.hours import EARLIEST, LATEST, SIXTY, Hours

__all__ = ["shown", "shown_sql", "utf8", "within_sql"]

EXACT_FLOAT = 2.0**53  # beyond it floats are whole numbers more than one apart


def shown_sql(kind: str, column: str, options: Options, *, session: bool = False) -> str:
    """Give SQL for the text (or a value that COPY prints so) of a column of a kind.

    `session` says that the session's time zone is the one of the options.
    """
    if kind == kinds.DATETIME:
        return instant_sql(column, options, session=session)
    return SQL.get(kind, "{0}").format(column)


def instant_sql(column: str, options: Options, *, session: bool) -> str:
    """Give SQL for a point in time: local to the second, or raw in UTC to the microsecond.

    Of 1,000,000 rows with three times, in parts of a plain COPY: date_trunc and AT TIME ZONE
    add 19%, date_bin and AT TIME ZONE 14%, date_bin and the session's own zone 4%.
    """
    utc = f"{column} AT TIME ZONE 'UTC'"
    if options.raw:
        return f'to_char({utc}, \'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\')'
    second = f"date_bin('1 second', {column}, '0001-01-01 00:00+00')"
    if options.zone == "UTC":
        return f"{second} AT TIME ZONE 'UTC'"
    local = "::timestamp" if session else f" AT TIME ZONE {literal(options.zone)}"
    utc = f"{second} AT TIME ZONE 'UTC'"
    return f"CASE WHEN {within_sql(column)} THEN {second}{local} ELSE {utc} END"


def within_sql(column: str) -> str:
    """Give SQL for whether a point in time is safely inside the years 1 to 9999."""
    return f"{column} BETWEEN '0001-01-03 00:00+00' AND '9999-12-30 00:00+00'"


def utf8(text: str) -> bytes:
    """Encode; a surrogate without its partner, which UTF-8 cannot hold, becomes U+FFFD."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


FINITE_SQL = "CASE WHEN {0} NOT IN ('NaN', 'Infinity', '-Infinity') THEN {0} END"
# As numeric: the longest timedelta has more microseconds than a bigint holds.
MICROSECONDS_SQL = "trunc(abs(extract(epoch FROM {0}) * 1000000))"
HOURS_SQL = f"div({MICROSECONDS_SQL}, 3600000000)::text"
DURATION_SQL = (
    "CASE WHEN extract(epoch FROM {0}) < 0 THEN '-' ELSE '' END"
    f" || lpad({HOURS_SQL}, greatest(2, length({HOURS_SQL})), '0')"
    f" || ':' || lpad((div({MICROSECONDS_SQL}, 60000000) %% 60)::text, 2, '0')"
    f" || ':' || lpad((div({MICROSECONDS_SQL}, 1000000) %% 60)::text, 2, '0')"
    f" || CASE WHEN {MICROSECONDS_SQL} %% 1000000 = 0 THEN ''"
    f" ELSE '.' || lpad(({MICROSECONDS_SQL} %% 1000000)::text, 6, '0') END"
)

SQL = {
    kinds.FLOAT: FINITE_SQL,
    kinds.DECIMAL: FINITE_SQL,
    kinds.BOOLEAN: "CASE WHEN {0} THEN 'true' WHEN NOT {0} THEN 'false' END",
    kinds.ADDRESS: "host({0})",
    kinds.DURATION: DURATION_SQL,
}


def shown(kind: str, options: Options) -> Callable[[Any], str | None]:
    """Give the function from a value of a kind, never null, to its text; None is no value."""
    if kind == kinds.DATETIME:
        return raw_instant if options.raw else local_instant(ZoneInfo(options.zone))
    return PYTHON.get(kind, str)


def raw_instant(value: datetime) -> str:
    """Write a point in time in UTC with microseconds (ISO 8601)."""
    naive = value.astimezone(UTC).replace(tzinfo=None)  # an offset costs more to write
    return naive.isoformat("T", "microseconds") + "Z"


def local_instant(zone: ZoneInfo) -> Callable[[datetime], str]:
    """Write points in time as the clocks of a zone show them, to the second."""

    hours = Hours(zone, lambda begins: begins.replace(tzinfo=None).isoformat(" ")[:14])

    def local(value: datetime) -> str:
        if value.tzinfo is UTC and (hour := hours[value.toordinal() * 24 + value.hour]):
            return f"{hour}{SIXTY[value.minute]}:{SIXTY[value.second]}"
        within = 1 < value.year < 9999 or EARLIEST <= value <= LATEST
        here = value.astimezone(zone if within else UTC).replace(tzinfo=None)
        return here.isoformat(" ", "seconds")

    return local


def decimal_text(value: Decimal) -> str | None:
    """Write every digit, never an exponent."""
    return f"{value:f}" if value.is_finite() else None


def float_text(value: float) -> str | None:
    """Write the shortest text that reads back as the same number, as PostgreSQL does."""
    if 1 <= value < 10**15:  # neither form has an exponent here
        return repr(value).removesuffix(".0")
    if not math.isfinite(value):
        return None
    text = repr(value) if abs(value) < EXACT_FLOAT else between_neighbours(value)
    mantissa, _, power = text.partition("e")
    digits = mantissa.removesuffix(".0")
    if power:
        return f"{digits}e{power}"
    whole = digits.lstrip("-")
    if "." not in whole and len(whole) > 15:  # PostgreSQL changes to an exponent here
        return exponent(digits)
    if "." in whole and len(whole.partition(".")[0]) > 15:
        return exponent(digits)
    return digits


def whole_text(value: float | Decimal) -> str | None:
    """Write a whole number, or what a database gives for one.

    A text is refused with `TypeError`: SQLite holds texts in any column, and none may pass as a
    number.
    """
    if type(value) is int:
        return str(value)
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, float):
        return float_text(value)
    raise TypeError(kinds.INTEGER)


def between_neighbours(value: float) -> str:
    """Give the shortest text that is nearer to a whole number than to both of its neighbours.

    Python also takes one that is as far from a neighbour, where reading rounds to the even one.
    """
    exact = int(value)
    ends = (math.nextafter(value, -math.inf), math.nextafter(value, math.inf))
    if math.isinf(ends[0]) or math.isinf(ends[1]):
        return repr(value)
    low, high = (exact + int(end) for end in ends)
    text = repr(value)
    for places in range(17):
        if low < 2 * int(Decimal(text)) < high:
            break
        text = f"{value:.{places}e}"
    mantissa, mark, power = text.partition("e")
    return (mantissa.rstrip("0").rstrip(".") + mark + power) if "." in mantissa and mark else text


def exponent(digits: str) -> str:
    """Write a long number with an exponent."""
    sign = "-" if digits.startswith("-") else ""
    whole, _, rest = digits.lstrip("-").partition(".")
    power = len(whole) - 1
    mantissa = (whole + rest).rstrip("0")
    shown = mantissa[0] + ("." + mantissa[1:] if mantissa[1:] else "")
    return f"{sign}{shown}e+{power:02d}"


def duration_text(value: timedelta) -> str:
    """Write hours, minutes, seconds: `-26:03:04.500000`."""
    total = abs(value) // timedelta(microseconds=1)
    seconds, fraction = divmod(total, 1_000_000)
    sign = "-" if value < timedelta(0) else ""
    text = f"{sign}{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{fraction:06d}" if fraction else text


def clock_text(value: time) -> str:
    """Write a time of day as PostgreSQL does, without trailing zeros of the second."""
    text = value.isoformat()
    return text.rstrip("0") if value.microsecond else text


PYTHON: dict[str, Callable[[Any], str | None]] = {
    kinds.INTEGER: whole_text,
    kinds.FLOAT: float_text,
    kinds.DECIMAL: decimal_text,
    kinds.BOOLEAN: lambda value: "true" if value else "false",
    kinds.DATE: date.isoformat,
    kinds.TIME: clock_text,
    kinds.DURATION: duration_text,
}
