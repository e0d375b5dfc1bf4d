"""Worksheet rows rendered in Python: the same bytes as `sqlcells` makes."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any
from zoneinfo import ZoneInfo

from waybill.declare import kinds
from waybill.values import LargeRow, Options, PlannedColumn, Tally
from waybill.write import cells, large, text
from waybill.write.hours import EARLIEST, LATEST, Hours
from waybill.write.xlsx import rules

__all__ = ["escaped", "row", "said", "utf16_units"]

type Values = tuple[Any, ...]

_controls = re.compile(f"[\0{rules.CONTROLS}]")
_literal_escape = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_astral = re.compile("[\U00010000-\U0010ffff]")


def row(
    columns: Sequence[PlannedColumn], options: Options, tally: Tally
) -> Callable[[Values], bytes | LargeRow]:
    """Give the function from inner values to a row and the parts that do not fit its cells."""
    beyond: list[str] = []
    cells_of = [
        (column.index, _text(place, options, tally, beyond))
        if column.kind in rules.TEXTS
        else (column.index, _value(column.kind, options))
        for place, column in enumerate(columns)
    ]

    def render(values: Values) -> bytes | LargeRow:
        try:
            shown = [
                rules.EMPTY if (value := values[index]) is None else cell(value)
                for index, cell in cells_of
            ]
        except large.TooLarge:
            beyond.clear()
            return LargeRow(large.encoded(in_pieces(columns, options, tally, values)))
        together = f"<row>{''.join(shown)}</row>"
        if beyond:
            together += "".join(beyond)
            beyond.clear()
        return text.utf8(together)

    return render


def said(shown: str) -> str:
    """Give the cell of a text that needs no care."""
    return f"{rules.OPEN}{shown}{rules.CLOSE}"


def escaped(shown: str) -> str:
    """Escape a text for XML, and as Excel does what XML cannot hold."""
    made = _literal_escape.sub("_x005F_", shown)
    for sign, entity in rules.ENTITIES:
        made = made.replace(sign, entity)
    made = made.replace("\r", "_x000D_")
    return _controls.sub(lambda found: f"_x{ord(found[0]):04X}_", made)


def utf16_units(shown: str) -> int:
    """Count as Excel does."""
    return len(shown) + len(_astral.findall(shown))


def _text(place: int, options: Options, tally: Tally, beyond: list[str]) -> Callable[[Any], str]:
    """Give the function from a text to its cell; what does not fit goes to `beyond`."""
    # PostgreSQL has no NUL in a text; elsewhere it needs care like the other controls.
    needs_care = re.compile(rules.care(options, "^", "$") + "|\0").search
    starts = frozenset(" \n\t") | (cells.STARTS if options.guard else frozenset())
    opening, closing, short = rules.OPEN, rules.CLOSE, rules.CELL_UNITS // 4
    known: dict[str, str] = {}  # most columns say the same few words again and again

    def render(value: Any) -> str:
        if type(value) is str and (cell := known.get(value)) is not None:
            return cell
        shown = str(value)
        if len(shown) > short or not harmless(shown, starts):
            return careful(shown)
        cell = f"{opening}{shown}{closing}"
        if len(known) < large.REMEMBERED and len(shown) <= large.SHORT:
            known[shown] = cell
        return cell

    def careful(shown: str) -> str:
        if len(shown) > large.LARGE_TEXT:
            raise large.TooLarge
        long = len(shown) > short and len(shown.encode("utf-8", "replace")) > rules.CELL_UNITS
        if not long and not needs_care(shown):
            return said(shown)
        quoted = _style(shown, options, tally)
        if long and utf16_units(shown) > rules.CELL_UNITS:
            beyond.extend(_rest(place, shown))
            shown = shown[: rules.PART_CHARACTERS]
        return _kept(shown, quoted)

    return render


def _style(shown: str, options: Options, tally: Tally) -> str:
    """Give the style of a text: one that looks like a formula is marked as a text."""
    if not options.guard or not cells.needs_guard(shown):
        return ""
    tally.guarded += 1
    return f' s="{rules.STYLES["quoted"]}"'


def _kept(shown: str, quoted: str) -> str:
    return f"<c{quoted}{rules.KEPT}{escaped(shown)}{rules.CLOSE}"


def in_pieces(
    columns: Sequence[PlannedColumn], options: Options, tally: Tally, values: Values
) -> Iterator[str]:
    """Render a row that holds a large text; cells before that one are counted already."""
    counted = Tally()
    beyond: list[Iterable[str]] = []
    yield "<row>"
    for place, column in enumerate(columns):
        value = values[column.index]
        if value is None:
            yield rules.EMPTY
        elif column.kind not in rules.TEXTS:
            yield _value(column.kind, options)(value)
        elif len(shown := str(value)) > large.LARGE_TEXT:
            counted = tally
            beyond.append(_rest(place, shown))
            yield _kept(shown[: rules.PART_CHARACTERS], _style(shown, options, tally))
        else:
            small: list[str] = []
            yield _text(place, options, counted, small)(value)
            beyond.append(small)
    yield "</row>"
    for one in beyond:
        yield from one


def harmless(shown: str, starts: frozenset[str]) -> bool:
    """Say quickly of most texts that need no care; of the others a pattern decides."""
    return (
        "&" not in shown
        and "<" not in shown
        and ">" not in shown
        and "_x" not in shown
        and shown[:1] not in starts
        and shown[-1:] not in {"", " ", "\n"}
        and (shown.isprintable() or shown.replace("\n", " ").isprintable())
    )


def _rest(place: int, shown: str) -> Iterator[str]:
    """Give what does not fit a cell, behind its marks, as a JSON text without any `<`."""
    yield f'{rules.OVERFLOW_MARK}{place}{rules.PART_MARK}"'
    for one in large.segments(shown, rules.PART_CHARACTERS):
        yield encode_basestring(one)[1:-1].replace("<", "\\u003c")
    yield '"'


def _value(kind: str, options: Options) -> Callable[[Any], str]:
    """Give the function from a value that is no text to its cell."""
    if kind == kinds.BOOLEAN:
        return _BOOLEANS.__getitem__
    shown = text.shown(kind, options)
    if kind == kinds.INTEGER:
        return _integer
    if kind in _NUMBERS:
        return _number(_NUMBERS[kind], shown)
    if options.raw or kind not in rules.STYLES:
        return lambda value: said(str(shown(value)))
    if kind == kinds.DATETIME:
        return _instant(ZoneInfo(options.zone), shown)
    fits, serial = _SERIALS[kind]
    style = rules.STYLES[kind]
    return lambda value: (
        f'<c s="{style}"><v>{serial(value)}</v></c>' if fits(value) else said(str(shown(value)))
    )


def _integer(value: int) -> str:
    return f"<c><v>{value}</v></c>" if _LEAST < value < _MOST else said(str(value))


def _number(
    fits: Callable[[Any], bool], shown: Callable[[Any], str | None]
) -> Callable[[Any], str]:
    def render(value: Any) -> str:
        digits = shown(value)
        if digits is None:
            return rules.EMPTY
        return f"<c><v>{digits}</v></c>" if fits(value) else said(digits)

    return render


def _instant(zone: ZoneInfo, shown: Callable[[Any], str | None]) -> Callable[[datetime], str]:
    """Give the function for a point in time: whole seconds of the zone's clocks."""
    style = rules.STYLES[kinds.DATETIME]
    hours = Hours(zone, _second)

    def render(value: datetime) -> str:
        if value.tzinfo is UTC and (hour := hours[value.toordinal() * 24 + value.hour]):
            seconds = hour + 60 * value.minute + value.second
            days = seconds / 86_400 if seconds % 86_400 else seconds // 86_400
            return f'<c s="{style}"><v>{days!r}</v></c>'
        if not EARLIEST <= value <= LATEST:
            return said(str(shown(value)))
        local = value.astimezone(zone)
        if local.date() < rules.FIRST_SERIAL:
            return said(str(shown(value)))
        seconds = _wall(local)
        return f'<c s="{style}"><v>{text.float_text(seconds / 86_400)}</v></c>'

    return render


def _second(begins: datetime) -> int | None:
    """Number the second at which an hour begins, if Excel knows its day."""
    return None if begins.date() < rules.FIRST_SERIAL else _wall(begins)


def _wall(local: datetime) -> int:
    """Number the second that clocks show, since the day that Excel counts as 0."""
    since = local.toordinal() - date(1970, 1, 1).toordinal()
    within = 3600 * local.hour + 60 * local.minute + local.second
    return since * 86_400 + within + rules.SECONDS_BEFORE_1970


def _decimal_fits(value: Decimal) -> bool:
    return len(f"{value:f}".replace(".", "").lstrip("-")) <= rules.EXACT_DIGITS


def _days(value: timedelta) -> str | None:
    microseconds = float(value // timedelta(microseconds=1))
    return text.float_text(microseconds / rules.MICROSECONDS_A_DAY)


def _clock(value: time) -> str | None:
    since = timedelta(
        hours=value.hour,
        minutes=value.minute,
        seconds=value.second,
        microseconds=value.microsecond,
    )
    return _days(since)


_MOST = 10**rules.EXACT_DIGITS
_LEAST = -_MOST
_BOOLEANS = {False: '<c t="b"><v>0</v></c>', True: '<c t="b"><v>1</v></c>'}
_NUMBERS: dict[str, Callable[[Any], bool]] = {
    kinds.DECIMAL: _decimal_fits,
    kinds.FLOAT: lambda value: value == 0 or rules.SMALLEST <= abs(value) <= rules.LARGEST,
}
_SERIALS: dict[str, tuple[Callable[[Any], bool], Callable[[Any], object]]] = {
    kinds.DATE: (
        lambda value: value >= rules.FIRST_SERIAL,
        lambda value: (value - date(1899, 12, 30)).days,
    ),
    kinds.TIME: (lambda value: True, _clock),
    kinds.DURATION: (lambda value: value >= timedelta(0), _days),
}
