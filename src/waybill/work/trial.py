"""A dry run: everything of an export but the file (A2)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from threading import Timer
from typing import TYPE_CHECKING, Any

from waybill import conf, errors
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
from waybill.work.stop import Stop
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
    """Plan, count and preview an export; nothing of it stays but a line of the log.

    Raises `TooMuch` where it could not go the way that `background` asks for, `TimeLimit` where
    counting takes too long.
    """
    delivery = _delivery(frozen, by, background)
    plan = build(frozen, by)
    with _in_time() as stop, snapshot(plan, begun=stop.wakes) as source:
        rows = source.snapshot.count
        stop.wakes(source.stop)
        preview = _preview(source, plan)
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


@contextmanager
def _in_time() -> Iterator[Stop]:
    """End what is still being read after the time that a count may take: nobody limits dry runs."""
    stop = Stop()
    seconds = conf.settings().count_seconds
    timer = Timer(seconds, stop, [errors.TimeLimit(f"dry run seconds={seconds}")])
    timer.start()
    try:
        yield stop
    except errors.WaybillError:
        stop.check()
        raise
    finally:
        timer.cancel()


def _delivery(frozen: FrozenRequest, by: Person | None, background: bool | None) -> str:
    if by is None:
        return str(Delivery.DIRECT)
    return str(choose(frozen, by=by, background=background).delivery)


def _preview(source: Source, plan: Plan) -> list[dict[str, Any]]:
    """Give the first rows: as objects for the JSON formats, else the texts of the cells."""
    if plan.format in {"json", "ndjson"}:
        lines = _rendered(source, plan, "ndjson", PREVIEW)
        return [json.loads(line) for line in lines.splitlines()]
    keys = [one.key for one in plan.columns]
    rows = samples.cells(_rendered(source, _spelled(plan), "csv", PREVIEW))
    return [dict(zip(keys, row, strict=True)) for row in rows]


def _spelled(plan: Plan) -> Plan:
    """Have the cells between commas; a workbook needs no guard: its texts are texts."""
    guard = plan.options.guard and plan.format == "csv"
    return replace(plan, options=replace(plan.options, delimiter=",", guard=guard))


def _rendered(source: Source, plan: Plan, fmt: str, rows: int) -> bytes:
    def first(at: datetime) -> "QuerySet[Any, tuple[Any, ...]]":
        return plan.select(at)[:rows]

    few = replace(plan, select=first, format=fmt)
    return b"".join(chunk.data for chunk in source.rows(few, writer_for(fmt)))
