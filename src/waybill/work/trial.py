"""A dry run: everything of an export but the file (A2)."""

import csv
import io
import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from waybill.declare.policy import Person
from waybill.jobs import database, log
from waybill.jobs.log import Actor, Line
from waybill.plan.build import build
from waybill.protocols import Source
from waybill.read.snapshot import snapshot
from waybill.states import Delivery, Event
from waybill.values import FrozenRequest, Json, Plan
from waybill.work import sample as samples
from waybill.work.ask import choose
from waybill.work.estimate import PREVIEW, forecast
from waybill.write.encode import writer_for

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["DryRun", "try_out"]


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
        preview = _preview(source, plan)
    delivery = _delivery(frozen, by, background)
    sample = samples.write(frozen, by=by, keys=samples.look(plan).keys)
    expected = forecast(frozen, rows=rows, sample=sample)
    found = DryRun(
        valid=True,
        resource_type=plan.resource,
        format=plan.format,
        rows=rows,
        columns=[{"key": one.key, "label": one.label} for one in plan.columns],
        filters=list(frozen.words),
        estimated_bytes=expected.bytes,
        estimated_seconds=round(expected.seconds, 1),
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
        lines = _rendered(source, plan, "ndjson", PREVIEW)
        return [json.loads(line) for line in lines.splitlines()]
    plain = plan if plan.format == "csv" else _unguarded(plan)
    text = _rendered(source, plain, "csv", PREVIEW).decode()
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
