"""The rules of cells that the SQL half and the Python half share (ECMA-376 part 1, 18.3.1.4)."""

from datetime import date

from waybill.declare import kinds
from waybill.values import Options
from waybill.write import cells

__all__ = [
    "BETWEEN",
    "CELL_UNITS",
    "CLOSE",
    "CONTROLS",
    "EMPTY",
    "ENTITIES",
    "EXACT_DIGITS",
    "FIRST_SERIAL",
    "KEPT",
    "LARGEST",
    "LITERAL_ESCAPE",
    "MICROSECONDS_A_DAY",
    "OPEN",
    "OVERFLOW_MARK",
    "PART_CHARACTERS",
    "PART_MARK",
    "SECONDS_BEFORE_1970",
    "SMALLEST",
    "STYLES",
    "TEXTS",
    "care",
]

CELL_UNITS = 32_767  # UTF-16 units that a cell can hold
PART_CHARACTERS = 16_383  # as many characters fit a cell, whatever they are
OVERFLOW_MARK = "\x02"  # before the rest of a text that goes on, on the overflow sheet
PART_MARK = "\x03"  # between the column and the rest of its text

TEXTS = frozenset({kinds.TEXT, kinds.JSON, kinds.ARRAY})
STYLES = {
    "header": 1,
    kinds.DATE: 2,
    kinds.DATETIME: 3,
    kinds.TIME: 4,
    kinds.DURATION: 5,
    "quoted": 6,
}

EMPTY = "<c/>"
OPEN, CLOSE = '<c t="inlineStr"><is><t>', "</t></is></c>"
KEPT = ' t="inlineStr"><is><t xml:space="preserve">'

ENTITIES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
CONTROLS = r"\u0001-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff"  # but tab, line feed, return
LITERAL_ESCAPE = "_x[0-9A-Fa-f]{4}_"  # what Excel would read as an escape
BETWEEN = "\x7f"  # between the texts of a row that are looked at together; itself harmless

EXACT_DIGITS = 15  # of a number that Excel keeps
LARGEST = 9.99999999999999e307
SMALLEST = 2.2250738585072014e-308
FIRST_SERIAL = date(1900, 3, 1)  # before it Excel counts a 29 February that never was
SECONDS_BEFORE_1970 = 25_569 * 86_400  # since the day that Excel counts as 0
MICROSECONDS_A_DAY = 86_400_000_000


def care(options: Options, start: str, end: str) -> str:
    """Give the pattern of a text that cannot stand in a cell as it is.

    It holds what XML or Excel reads otherwise, or has spaces at its ends, or may look like a
    formula. `start` and `end` are patterns of where a text starts and ends.
    """
    spaces = r" \n\t"
    first = spaces + (cells.FIRST_CLASS if options.guard else "")
    return rf"[&<>\u000d{CONTROLS}]|{LITERAL_ESCAPE}|{start}[{first}]|[{spaces}]{end}"
