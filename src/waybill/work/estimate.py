"""What an export will be like before it is made: rows, size, time, and the way it comes."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import connections

from waybill import errors, registry
from waybill.declare.policy import Person
from waybill.jobs import history
from waybill.plan.build import build
from waybill.read.snapshot import snapshot
from waybill.states import Delivery
from waybill.values import FrozenRequest, Options, Plan, Written
from waybill.work.ask import choose
from waybill.write.encode import encode

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["Estimate", "estimate", "preview"]

COUNTED = 100_000  # rows: beyond this a count costs more than it tells
SURELY = 2  # times the limit: the planner of a vacuumed table is seldom that far off
SAMPLE = 300  # rows: enough for a mean size, about 20 ms of work
PREVIEW = 10
FIRST_RATE = 150_000  # rows a second until past exports have taught better
START_SECONDS = 0.3  # pick-up by a worker, snapshot and count
SHRUNK = 0.35  # a compressed file beside the plain one, until past exports have taught better


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Rows (`exact` up to 100,000), bytes, seconds, and whether it comes at once (`direct`)."""

    rows: int
    exact: bool
    bytes: int
    seconds: float
    direct: bool


def estimate(frozen: FrozenRequest, *, by: Person) -> Estimate:
    """Judge by a sample of the rows and by what past exports of the kind took.

    It is for a form that changes all the time: unlike a dry run it counts no further than it
    must, and leaves no line in the log.
    """
    plan = build(frozen, by)
    rows, exact = _rows(plan)
    lesson = history.learned(frozen.request)
    return Estimate(
        rows=rows,
        exact=exact,
        bytes=round(rows * (lesson.bytes_per_row or _row_bytes(frozen, by))),
        seconds=START_SECONDS + rows / (lesson.rows_per_second or FIRST_RATE),
        direct=choose(frozen, by=by).delivery == Delivery.DIRECT,
    )


def preview(frozen: FrozenRequest, *, by: Person | None) -> list[Sequence[str]]:
    """Give the header and the first rows as cells, as a CSV file has them."""
    plan = _plain(frozen, by)
    ordered = plan.select(frozen.requested_at).values_list("pk", flat=True)
    text, _written = _sample(plan, [*ordered[:PREVIEW]])
    return [*csv.reader(io.StringIO(text.decode(), newline=""))]


def _rows(plan: Plan) -> tuple[int, bool]:
    """Count the rows, unless the planner is sure that there are far too many to count."""
    now = _present(plan)
    guess = _planned_rows(now)
    if guess > COUNTED * SURELY:
        return guess, False
    counted = now.order_by()[: COUNTED + 1].count()
    return (counted, True) if counted <= COUNTED else (max(guess, counted), False)


def _present(plan: Plan) -> "QuerySet[Any]":
    """Say again that deleted rows are out: lists have indexes for that, "as of" has none."""
    field = registry.get(plan.resource).deleted_field
    return plan.source.filter(**{f"{field}__isnull": True}) if field else plan.source


def _planned_rows(rows: "QuerySet[Any]") -> int:
    """Give the database planner's guess of the number of rows; 0 where it has none to give."""
    if connections[rows.db].vendor != "postgresql":
        return 0
    told = rows.order_by().values("pk").explain(format="json")
    return int(json.loads(told)[0]["Plan"]["Plan Rows"])


def _row_bytes(frozen: FrozenRequest, by: Person | None) -> float:
    """Give the mean size of a row, of the oldest and the newest rows: both stand in an index."""
    packed = frozen.request.format == "excel" or frozen.request.options.compression
    plan = _plain(frozen, by) if packed else build(frozen, by)
    keys = _present(plan).values_list("pk", flat=True)
    both_ends = {*keys.order_by("pk")[: SAMPLE // 2], *keys.order_by("-pk")[: SAMPLE // 2]}
    _text, written = _sample(plan, [*both_ends])
    mean = written.bytes / written.rows if written and written.rows else 0.0
    return mean * (SHRUNK if packed else 1)


def _plain(frozen: FrozenRequest, by: Person | None) -> Plan:
    """Plan the same rows and columns as plain CSV; a workbook's cells carry no guard."""
    asked = frozen.request
    options = replace(asked.options, delimiter=",", bom=False, compression="", children=False)
    guard = options.guard and asked.format == "csv"
    request = replace(asked, format="csv", options=replace(options, guard=guard))
    return build(replace(frozen, request=request), by)


def _sample(plan: Plan, keys: list[Any]) -> tuple[bytes, Written | None]:
    """Write the rows of those keys alone."""
    some = replace(
        plan,
        children=(),
        options=_whole(plan.options),
        source=plan.source.filter(pk__in=keys),
        select=lambda at: plan.select(at).filter(pk__in=keys),
    )
    sink = io.BytesIO()
    try:
        with snapshot(some) as source:
            written = encode(source, some, sink)
    except errors.CountMismatch:  # rows went between the choice and the snapshot
        return b"", None
    return sink.getvalue(), written


def _whole(options: Options) -> Options:
    return replace(options, compression="", children=False)
