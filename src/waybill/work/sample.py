"""Some rows of an export that is not made yet: how many there are, and what a few look like."""

import io
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.db import connections
from django.db.models import Max, Min

from waybill import errors, registry
from waybill.declare.policy import Person
from waybill.plan.build import build
from waybill.read.limited import limited
from waybill.read.snapshot import snapshot
from waybill.values import FrozenRequest, Plan, Written
from waybill.write.encode import encode

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["Look", "Sample", "cells", "guess", "look", "preview", "write"]

COUNTED = 100_000  # rows: beyond this a count costs more than it tells
SURELY = 2  # times the limit: the planner of a vacuumed table is seldom that far off
SAMPLED = 300  # rows: enough for a mean size, about 20 ms of work
COUNT_SECONDS = 0.12  # beyond this "about" is worth more than waiting: a form asks all the time
FEW = 10_000  # rows: where the planner tells nothing, what is more than this is taken for LARGE
LARGE = 1_000_000
CELL = re.compile(r'(?:"((?:[^"]|"")*)"|([^",\n]*))(,|\n)')  # of CSV as Waybill writes it
TRIED = 1_000  # keys: what is not counted is at least a fifth of a table of that many rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How many rows there are, and the keys of some all over them.

    `exact` up to 100,000 rows that PostgreSQL counts in time; else the planner's guess.
    """

    rows: int
    exact: bool
    keys: Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Some rows as written: how many, and the mean bytes of one in the format.

    `guarded` is how many cells look like formulas, `longest` the length of the longest in UTF-16
    units.
    """

    rows: int = 0
    row_bytes: float = 0.0
    guarded: int = 0
    longest: int = 0


def look(plan: Plan) -> Look:
    """Count the rows, unless the planner is sure that there are too many, or it takes too long."""
    now = _present(plan)
    guess = _planned_rows(now)
    if guess > COUNTED * SURELY:
        return Look(rows=guess, exact=False, keys=_among(now, _tried(now))[:: TRIED // SAMPLED])
    try:
        with limited(now.db, seconds=COUNT_SECONDS):
            rows, keys = _counted(now)
    except errors.TimeLimit:
        # The planner knows little of what a search finds; a thousand keys all over tell more.
        tried = _tried(now)
        keys = _among(now, tried)
        about = len(keys) * (tried.step if tried else 1)
        return Look(rows=max(guess, about), exact=False, keys=keys[:SAMPLED])
    return Look(
        rows=rows if rows <= COUNTED else max(guess, rows), exact=rows <= COUNTED, keys=keys
    )


def guess(plan: Plan) -> int:
    """Guess the number of rows in a few milliseconds, for those who wait for no count."""
    now = _present(plan)
    if connections[now.db].vendor == "postgresql":
        return _planned_rows(now)
    rows = now[: FEW + 1].count()
    return rows if rows <= FEW else LARGE


def preview(frozen: FrozenRequest, *, by: Person | None, rows: int) -> list[list[str]]:
    """Write the first rows as the file will hold them.

    Those are the cells of the header and of each row; of JSON, the one line that a row is.
    """
    plan = _previewed(frozen, by)
    ordered = plan.select(frozen.requested_at).values_list("pk", flat=True)
    text = _encoded(plan, [*ordered[:rows]])[0]
    if plan.format == "ndjson":
        return [[line] for line in text.decode().split("\n")[:-1]]
    return cells(text)


def write(frozen: FrozenRequest, *, by: Person | None, keys: Sequence[Any]) -> Sample:
    """Write the rows of those keys alone, as CSV and in the format asked for."""
    text, written = _encoded(_plain(frozen, by), keys)
    if written is None or not written.rows:
        return Sample()
    shown = cells(text)
    nested = "json" in frozen.request.format
    size = _encoded(build(_alone(frozen), by), keys)[1] if nested else written
    return Sample(
        rows=written.rows,
        row_bytes=size.bytes / written.rows if size else 0.0,
        guarded=written.guarded,
        longest=max(_units(cell) for row in shown[1:] for cell in row),
    )


def _present(plan: Plan) -> "QuerySet[Any]":
    """Say again that deleted rows are out: lists have indexes for that, "as of" has none."""
    field = registry.get(plan.resource).deleted_field
    rows = plan.source.filter(**{f"{field}__isnull": True}) if field else plan.source
    return rows.order_by()


def _planned_rows(rows: "QuerySet[Any]") -> int:
    """Give the database planner's guess of the number of rows; 0 where it has none to give."""
    if connections[rows.db].vendor != "postgresql":
        return 0
    told = rows.values("pk").explain(format="json")
    return int(json.loads(told)[0]["Plan"]["Plan Rows"])


def _counted(rows: "QuerySet[Any]") -> tuple[int, list[Any]]:
    """Count up to the limit and pick keys all over the rows, in one walk over them."""
    if len(rows.model._meta.pk_fields) > 1:
        return rows[: COUNTED + 1].count(), [*rows.values_list("pk", flat=True)[:SAMPLED]]
    few = rows.values_list("pk")[: COUNTED + 1].query
    found, params = few.get_compiler(using=rows.db).as_sql()
    numbered = "SELECT pk, ROW_NUMBER() OVER () AS n, COUNT(*) OVER () AS total FROM found"
    step = f"1 + (total - total %% {SAMPLED}) / {SAMPLED}"
    statement = (
        f"WITH found (pk) AS ({found}), numbered AS ({numbered})"  # noqa: S608, no value is in it
        f" SELECT pk, total FROM numbered WHERE (n - 1) %% ({step}) = 0"
    )
    with connections[rows.db].cursor() as cursor:
        cursor.execute(statement, params)
        picked = cursor.fetchall()
    to_python = rows.model._meta.pk.to_python
    return (picked[0][1] if picked else 0), [to_python(key) for key, _total in picked]


def _tried(rows: "QuerySet[Any]") -> range | None:
    """Give a thousand keys all over a table, of rows or of none; None where keys are no numbers."""
    ends = rows.model._default_manager.using(rows.db).aggregate(low=Min("pk"), high=Max("pk"))
    if not isinstance(ends["low"], int):
        return None
    step = max(1, (ends["high"] - ends["low"]) // TRIED)
    return range(ends["low"], ends["high"] + 1, step)


def _among(rows: "QuerySet[Any]", tried: range | None) -> list[Any]:
    """Give those of some keys that are of the rows; the first of the rows where none were named."""
    keys = rows.values_list("pk", flat=True)
    return [*(keys[:SAMPLED] if tried is None else keys.filter(pk__in=tried))]


def _plain(frozen: FrozenRequest, by: Person | None) -> Plan:
    """Plan the same rows and columns as plain CSV, guarded unless for machines."""
    asked = frozen.request
    options = replace(asked.options, delimiter=",", bom=False, guard=not asked.options.raw)
    request = replace(asked, format="csv", options=options)
    return build(_alone(replace(frozen, request=request)), by)


def _previewed(frozen: FrozenRequest, by: Person | None) -> Plan:
    """Plan the rows in a form that can be shown: JSON a row a line, all else as its cells' texts.

    A workbook needs no guard: its texts are texts.
    """
    asked = frozen.request
    if "json" in asked.format:
        options = replace(asked.options, compression="")
        lined = replace(frozen, request=replace(asked, format="ndjson", options=options))
        plan = build(lined, by)
        return build(_alone(lined), by) if plan.bundled else plan
    guard = asked.options.guard and asked.format == "csv"
    options = replace(asked.options, delimiter=",", bom=False, guard=guard)
    return build(_alone(replace(frozen, request=replace(asked, format="csv", options=options))), by)


def _alone(frozen: FrozenRequest) -> FrozenRequest:
    """Leave out child rows and compression."""
    options = replace(frozen.request.options, compression="", children=False)
    return replace(frozen, request=replace(frozen.request, options=options))


def _encoded(plan: Plan, keys: Sequence[Any]) -> tuple[bytes, Written | None]:
    some = replace(
        plan,
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


def cells(text: bytes) -> list[list[str]]:
    """Read our own CSV; the csv module takes no cell of more than 131,072 characters."""
    rows: list[list[str]] = [[]]
    for found in CELL.finditer(text.decode()):
        quoted, plain, end = found.groups()
        rows[-1].append(plain if quoted is None else quoted.replace('""', '"'))
        if end == "\n":
            rows.append([])
    return rows[:-1]


def _units(text: str) -> int:
    return len(text) + sum(one > "\uffff" for one in text)
