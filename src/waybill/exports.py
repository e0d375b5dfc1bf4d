"""Direct use of exports from Python: the one place that composes the stages for a caller."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from waybill.declare.policy import Person
from waybill.plan.build import build
from waybill.plan.freeze import freeze
from waybill.protocols import Sink
from waybill.read.snapshot import snapshot
from waybill.store.partial import replacing
from waybill.store.receipt import facts
from waybill.values import ExportRequest, Plan
from waybill.write.encode import encode

__all__ = ["planned", "write", "write_file"]


def planned(request: ExportRequest, *, by: Person | None) -> Plan:
    """Check a request and plan it; `by` None is the system, over all rows."""
    return build(freeze(request, by), by)


def write(
    plan: Plan, out: Sink, *, progress: Callable[[int, int], object] | None = None
) -> dict[str, Any]:
    """Write a plan's file to `out` and give the facts of its receipt.

    `progress` hears of the rows so far and of all rows. Raises `RunFailed`.
    """
    with snapshot(plan) as source:
        count = source.snapshot.count
        told = None if progress is None else (lambda rows: progress(rows, count))
        written = encode(source, plan, out, progress=told)
    return facts(plan, source.snapshot, written)


def write_file(
    request: ExportRequest,
    path: Path,
    *,
    by: Person | None,
    progress: Callable[[int, int], object] | None = None,
) -> dict[str, Any]:
    """Write an export to `path`, and its receipt to `path` + `.receipt.json`; give the receipt.

    Both appear whole or not at all.
    """
    plan = planned(request, by=by)
    with replacing(path) as out:
        receipt = write(plan, out, progress=progress)
    with replacing(path.with_name(path.name + ".receipt.json")) as out:
        out.write(json.dumps(receipt, indent=2, ensure_ascii=False).encode() + b"\n")
    return receipt
