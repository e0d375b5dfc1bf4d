"""Columns that a Python function computes become ordinary values of the inner rows."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from waybill import errors
from waybill.declare import kinds
from waybill.values import Plan, PlannedColumn, Tally

__all__ = ["computed", "settled"]

TYPES: dict[str, type | tuple[type, ...]] = {
    kinds.INTEGER: int,
    kinds.FLOAT: (float, int),
    kinds.DECIMAL: (Decimal, int),
    kinds.BOOLEAN: bool,
    kinds.DATE: date,
    kinds.TIME: time,
    kinds.DATETIME: datetime,
    kinds.DURATION: timedelta,
    kinds.UUID: UUID,
}


def settled(plan: Plan) -> Plan:
    """Give every computed column a place behind the values that the database gives."""
    if not plan.portable:
        return plan
    columns = []
    free = plan.width
    for column in plan.columns:
        if column.function is not None:
            columns.append(replace(column, index=free, function=None, uses=()))
            free += 1
        else:
            columns.append(column)
    return replace(plan, columns=tuple(columns))


def computed(
    plan: Plan, rows: Iterable[tuple[Any, ...]], tally: Tally
) -> Iterator[tuple[Any, ...]]:
    """Append the computed values to each row.

    A row whose function raises is left out and counted while the export allows it, by
    `max_failed`; after that `RowFailed` is raised. What the function said is not passed on: it
    may quote a cell.
    """
    columns = [column for column in plan.columns if column.function is not None]
    width = plan.width
    failed = 0
    for row in rows:
        added = []
        for column in columns:
            try:
                added.append(value_of(column, row))
            except Exception as problem:  # noqa: BLE001 - a host's function may raise anything
                failed += 1
                tally.failed += 1
                if failed > plan.max_failed:
                    name = type(problem).__name__
                    raise errors.RowFailed(column=column.key, error=name) from None
                break
        else:
            yield (*row[:width], *added)


def value_of(column: PlannedColumn, row: tuple[Any, ...]) -> Any:
    """Compute one value; raises `TypeError` where it is not of the column's kind."""
    function: Callable[..., object] = column.function  # type: ignore[assignment]
    value = function(*[row[place] for place in column.uses])
    if value is None:
        return None
    if column.kind in {kinds.TEXT, kinds.ADDRESS}:
        return str(value)
    if column.kind in kinds.DOCUMENTS:  # the reader gives both as JSON text
        return json.dumps(value, ensure_ascii=False, allow_nan=False)
    if not isinstance(value, TYPES[column.kind]):
        raise TypeError(column.kind)
    return NORMAL.get(column.kind, same)(value)


def same(value: Any) -> Any:
    """Leave a value as it is."""
    return value


def day(value: date) -> date:
    """Take a day; a point in time is one only in a time zone, and is refused."""
    if isinstance(value, datetime):
        raise TypeError(kinds.DATE)
    return value


def instant(value: datetime) -> datetime:
    """Take a point in time; without a time zone it is none, and is refused."""
    if value.utcoffset() is None:
        raise TypeError(kinds.DATETIME)
    return value


def clock(value: time) -> time:
    """Take a time of day; one in a time zone is refused."""
    if value.tzinfo is not None:
        raise TypeError(kinds.TIME)
    return value


# What a function may return instead of the kind's own type becomes that.
NORMAL: dict[str, Callable[[Any], Any]] = {
    kinds.INTEGER: int,
    kinds.FLOAT: float,
    kinds.DECIMAL: Decimal,
    kinds.DATE: day,
    kinds.DATETIME: instant,
    kinds.TIME: clock,
}
