"""Direct use of exports from Python: the one place that composes the stages for a caller."""

import json
from collections.abc import Callable, Collection, Mapping
from contextlib import ExitStack
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from waybill import errors
from waybill.declare.policy import Person
from waybill.jobs.request import Wish, request_export
from waybill.models import ExportJob
from waybill.plan.build import build
from waybill.plan.freeze import freeze
from waybill.protocols import Sink, Source
from waybill.read.snapshot import snapshot
from waybill.states import Delivery
from waybill.store.partial import replacing
from waybill.store.receipt import facts
from waybill.store.seal import sign
from waybill.values import ExportRequest, Options, Plan
from waybill.work.ask import frozen_for, sized
from waybill.work.direct import Direct, deliver
from waybill.work.run import worker_name
from waybill.work.trial import DryRun, try_out
from waybill.write.encode import encode

__all__ = ["dry_run", "planned", "start", "stream", "wanted", "write", "write_file"]


def planned(request: ExportRequest, *, by: Person | None) -> Plan:
    """Check a request and plan it; `by` None is the system, over all rows."""
    return build(freeze(request, by), by, at_once=True)


def start(resource: str, *, by: Person | None, wish: Wish | None = None, **asked: Any) -> ExportJob:
    """Request an export in the background and give its job; `asked` are `ExportRequest`'s fields.

    ```python
    exports.start("tickets", by=user, filters={"is_open": True}, format="xlsx")
    ```
    Raises `RequestRefused` for what cannot be asked, `RateLimited` for too much of it.
    """
    request = wanted(resource, asked)
    given = replace(wish or Wish(), asked=request)
    frozen = frozen_for(request, by=by, address=given.address)
    return request_export(frozen, by=by, wish=sized(given, frozen, by=by)).job


def stream(
    resource: str, *, by: Person | None, address: str = "", wish: Wish | None = None, **asked: Any
) -> Direct:
    """Write an export at once and give it as an iterable of bytes, with its name and receipt.

    It is a job like others, counted and logged, whose file is not kept. Raises `DownloadRefused`
    where the person may start it, but not fetch its file.
    """
    request = wanted(resource, asked)
    frozen = frozen_for(request, by=by, address=address, fetched=True)
    given = replace(
        wish or Wish(),
        asked=request,
        delivery=Delivery.DIRECT,
        address=address,
        worker=worker_name(),
    )
    made = request_export(frozen, by=by, wish=given)
    if not made.created:
        raise errors.AlreadyMade(field="Idempotency-Key", value=made.job.pk)
    return deliver(made.job, by=by, address=address)


def dry_run(resource: str, *, by: Person | None, address: str = "", **asked: Any) -> DryRun:
    """Say what an export would give: rows, size, time, way, and its first ten rows.

    Nothing of it stays but a line of the log. Raises `RequestRefused`.
    """
    frozen = frozen_for(wanted(resource, asked), by=by, address=address)
    return try_out(frozen, by=by, address=address)


def wanted(resource: str, asked: Mapping[str, Any]) -> ExportRequest:
    """Make the request, with lists taken for tuples and mappings for options.

    Raises `BadOption` for an unknown field or option.
    """
    check_names("request", asked, ExportRequest, besides={"resource"})
    plain: dict[str, Any] = {
        name: tuple(one) if isinstance(one, list) else one for name, one in asked.items()
    }
    if isinstance(options := plain.get("options"), Mapping):
        check_names("options", options, Options)
        plain["options"] = Options(**options)
    return ExportRequest(resource=resource, **plain)


def check_names(
    field: str, given: Mapping[str, Any], kind: Any, *, besides: Collection[str] = ()
) -> None:
    """Raise `BadOption` for a name that the kind does not have."""
    known = {one.name for one in fields(kind)} - set(besides)
    if unknown := sorted(given.keys() - known):
        raise errors.BadOption(field=field, value=unknown[0], accepted=sorted(known))


def write(
    plan: Plan, out: Sink, *, progress: Callable[[int, int], object] | None = None
) -> dict[str, Any]:
    """Write a plan's file to `out` and give its signed receipt.

    `progress` hears of the rows so far and of all rows. Raises `RunFailed`.
    """
    with snapshot(plan) as source:
        return write_rows(source, plan, out, source.snapshot.count, progress=progress)


def write_file(
    request: ExportRequest,
    path: Path,
    *,
    by: Person | None,
    progress: Callable[[int, int], object] | None = None,
) -> dict[str, Any]:
    """Write an export to `path`, and its receipt to `path` + `.receipt.json`; give the receipt.

    Child rows of a format that holds one table go to a file of their own, `tickets.csv` to
    `tickets-comments.csv`, of the same snapshot. All appear whole or not at all. A pipe or a device
    takes what `write` gives, and no receipt.
    """
    plan = planned(request, by=by)
    if path.exists() and not path.is_file():
        with path.open("wb") as device:
            return write(plan, device, progress=progress)
    with ExitStack() as files:
        out = files.enter_context(replacing(path))
        with snapshot(plan) as source:
            apart = plan.children if plan.bundled else ()
            whole = replace(plan, children=()) if apart else plan
            receipt = write_rows(source, whole, out, source.snapshot.count, progress=progress)
            for child in apart:
                place = beside(path, child.resource)
                out = files.enter_context(replacing(place))
                keep(write_rows(source, child, out, source.count(child)), place, files)
        keep(receipt, path, files)
    return receipt


def write_rows(
    source: Source,
    plan: Plan,
    out: Sink,
    count: int,
    *,
    progress: Callable[[int, int], object] | None = None,
) -> dict[str, Any]:
    """Write the rows of a plan, or of one of its children, and give the signed receipt."""
    told = None if progress is None else (lambda rows: progress(rows, count))
    written = encode(source, plan, out, count=count, progress=told)
    return sign(facts(plan, source.snapshot, written))


def beside(path: Path, resource: str) -> Path:
    """Name the file of child rows beside that of the rows themselves."""
    stem, dot, ending = path.name.partition(".")
    return path.with_name(f"{stem}-{resource}{dot}{ending}")


def keep(receipt: Mapping[str, Any], path: Path, files: ExitStack) -> None:
    """Write a receipt beside its file."""
    out = files.enter_context(replacing(path.with_name(path.name + ".receipt.json")))
    out.write(json.dumps(receipt, indent=2, ensure_ascii=False).encode() + b"\n")
