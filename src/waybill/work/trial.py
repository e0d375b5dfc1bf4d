"""A dry run: everything of an export but the file (A2)."""

import csv
import io
import json
import math
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from waybill.declare.policy import Person
from waybill.jobs import database, history, log
from waybill.jobs.log import Actor, Line
from waybill.plan.build import build
from waybill.protocols import Source
from waybill.read.snapshot import snapshot
from waybill.states import Delivery, Event
from waybill.values import FrozenRequest, Json, Plan
from waybill.work.ask import choose
from waybill.write.encode import writer_for

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["DryRun", "try_out"]

PREVIEW_ROWS = 10
SAMPLE_ROWS = 200
FIRST_ROWS_PER_SECOND = 50_000  # until exports have taught better: half of what CSV reaches here
SHRINK = {"excel": 0.35}  # of the size as CSV: a workbook is compressed
GZIP_SHRINK = 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What an export would give. `preview` are rows as in the file, a value per column's key."""

    valid: bool
    resource_type: str
    format: str
    rows: int
    columns: list[dict[str, str]]
    filters: list[str]
    estimated_bytes: int
    estimated_seconds: float
    delivery: str
    preview: list[dict[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON types."""
        return asdict(self)


def try_out(
    frozen: FrozenRequest,
    *,
    by: Person | None,
    address: str = "",
    background: bool | None = None,
) -> DryRun:
    """Plan, count and preview an export; nothing of it stays but a line of the log."""
    plan = build(frozen, by)
    with snapshot(plan) as source:
        rows = source.snapshot.count
        sample = _rendered(source, plan, "csv", SAMPLE_ROWS)
        preview = _preview(source, plan)
    delivery = _delivery(frozen, by, background)
    lesson = history.learned(frozen.request)
    speed = lesson.rows_per_second or FIRST_ROWS_PER_SECOND
    found = DryRun(
        valid=True,
        resource_type=plan.resource,
        format=plan.format,
        rows=rows,
        columns=[{"key": one.key, "label": one.label} for one in plan.columns],
        filters=list(frozen.words),
        estimated_bytes=math.ceil(rows * (lesson.bytes_per_row or _bytes_a_row(plan, sample))),
        estimated_seconds=round(rows / speed, 1),
        delivery=delivery,
        preview=preview,
    )
    with database.atomic():
        details: dict[str, Json] = {"format": plan.format, "rows": rows}
        line = Line(Event.CHECKED, actor=Actor.of(by, address), resource=plan.resource)
        log.append_site(replace(line, details=details))
    return found


def _delivery(frozen: FrozenRequest, by: Person | None, background: bool | None) -> str:
    if by is None:
        return str(Delivery.DIRECT)
    return str(choose(frozen, by=by, background=background).delivery)


def _preview(source: Source, plan: Plan) -> list[dict[str, Any]]:
    """Give the first rows: as objects for the JSON formats, else the texts of the cells."""
    if plan.format in {"json", "ndjson"}:
        lines = _rendered(source, plan, "ndjson", PREVIEW_ROWS)
        return [json.loads(line) for line in lines.splitlines()]
    plain = plan if plan.format == "csv" else _unguarded(plan)
    text = _rendered(source, plain, "csv", PREVIEW_ROWS).decode()
    keys = [one.key for one in plan.columns]
    cells = csv.reader(io.StringIO(text, newline=""), delimiter=plan.options.delimiter)
    return [dict(zip(keys, row, strict=True)) for row in cells]


def _unguarded(plan: Plan) -> Plan:
    return replace(plan, options=replace(plan.options, guard=False))


def _rendered(source: Source, plan: Plan, fmt: str, rows: int) -> bytes:
    def first(at: datetime) -> "QuerySet[Any, tuple[Any, ...]]":
        return plan.select(at)[:rows]

    few = replace(plan, select=first, format=fmt)
    return b"".join(chunk.data for chunk in source.rows(few, writer_for(fmt)))


def _bytes_a_row(plan: Plan, sample: bytes) -> float:
    """Guess from the first rows as CSV: how long a row is, and what compression leaves of it."""
    rows = sum(1 for _ in csv.reader(io.StringIO(sample.decode(), newline="")))
    if not rows:
        return 0.0
    names = sum(len(one.key) + 4 for one in plan.columns) if "json" in plan.format else 0
    shrink = GZIP_SHRINK if plan.options.compression else SHRINK.get(plan.format, 1.0)
    return (len(sample) / rows + names) * shrink
