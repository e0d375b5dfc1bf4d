"""Times and dates as other systems write them."""

import re
from datetime import UTC, date, datetime

__all__ = ["read_date", "read_time"]

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
# 06/Sep/21 08:30, as trackers show it.
TRACKER = re.compile(
    r"(\d{1,2})/([A-Za-z]{3})/(\d{4}|\d{2}) (\d{1,2}):(\d{2})(?::(\d{2}))?(?: ([AaPp])[Mm])?"
)
TIME_OF_DAY = r"(?: \d{1,2}:\d{2}(?::\d{2})?)?"
YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + TIME_OF_DAY)
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4}|\d{2})" + TIME_OF_DAY)
# SMBIOS 3.7, 7.1.1: a BIOS gives its date as mm/dd/yyyy, before 2.3 as mm/dd/yy.
MONTH_FIRST = re.compile(r"(\d{1,2})[-/](\d{1,2})[-/](\d{4}|\d{2})" + TIME_OF_DAY)
MONTH_WORD = re.compile(r"([A-Za-z]{3})[a-z]* +(\d{1,2}),? (\d{4})" + TIME_OF_DAY)


def read_time(text: str) -> datetime:
    """Read ISO 8601 or the form `06/Sep/21 08:30`; a time without a zone is UTC.

    Raises ValueError for anything else, and OverflowError for a time whose year in UTC is not one
    of 1 to 9999: the database takes it, and gives it to nobody.
    """
    if text[4:5] != "-":  # ISO 8601 without dashes would take any long number
        if found := TRACKER.fullmatch(text):
            return _tracker_time(*found.groups())
        raise ValueError(text)
    time = datetime.fromisoformat(text)
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)


def read_date(text: str) -> date:
    """Read a date as ISO 8601, `2021/09/06`, `06.09.2021`, `09/06/2021` or `Sep 6 2021`.

    Day and month change places where only that gives a date (`17/07/2018`). A time of day behind
    it is dropped. Raises ValueError for anything else.
    """
    text = text.strip()
    if found := (YEAR_FIRST.fullmatch(text) or COMPACT.fullmatch(text)):
        return date(int(found[1]), int(found[2]), int(found[3]))
    if found := DAY_FIRST.fullmatch(text):
        return _either_way(_year(found[3]), month=int(found[2]), day=int(found[1]))
    if found := MONTH_FIRST.fullmatch(text):
        return _either_way(_year(found[3]), month=int(found[1]), day=int(found[2]))
    if found := MONTH_WORD.fullmatch(text):
        return date(int(found[3]), _month(found[1]), int(found[2]))
    raise ValueError(text)


def _either_way(year: int, *, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        return date(year, day, month)


def _tracker_time(
    day: str, month: str, year: str, hour: str, minute: str, second: str | None, half: str | None
) -> datetime:
    hours = int(hour)
    if half:
        hours = hours % 12 + (12 if half in "pP" else 0)
    return datetime(
        _year(year), _month(month), int(day), hours, int(minute), int(second or 0), tzinfo=UTC
    )


def _month(word: str) -> int:
    return MONTHS.index(word.lower()) + 1


def _year(text: str) -> int:
    """Read a year; two digits stand for 1969 to 2068, as in POSIX."""
    year = int(text)
    if len(text) == 4:
        return year
    return year + (1900 if year > 68 else 2000)
