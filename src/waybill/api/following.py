"""Following exports: list, status, log, receipt, retry, cancel, delete."""

import hashlib
import json
import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from ninja import Router
from ninja.params.functions import Query
from pydantic import AfterValidator, BeforeValidator

from waybill import errors, origin, registry
from waybill.api import callers, cursors, show
from waybill.api.schemas import Job, JobPage, LogPage, Problem
from waybill.jobs import control, queries
from waybill.states import Status
from waybill.work.download import is_known

__all__ = ["router"]

router = Router(tags=["exports"])

DAY = r"\d{4}-\d\d-\d\d"


def _spelled(given: object) -> object:
    """Take a day or a time as ISO 8601 writes it; a bare number would be read as seconds."""
    if not re.match(DAY, str(given)):
        raise ValueError("a time as 2026-11-20T14:30:00Z")
    return given


def _through(given: object) -> object:
    """Take a day alone for the end of it, as filters do: from one day to the same is that day."""
    return f"{given}T23:59:59.999999Z" if re.fullmatch(DAY, str(given)) else given


def _in_utc(moment: datetime) -> datetime:
    """Say a time in UTC: PostgreSQL takes no offset of 16 hours or more, ISO 8601 writes them."""
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise ValueError("a time between the years 1 and 9999") from None


Moment = Annotated[datetime, BeforeValidator(_spelled), AfterValidator(_in_utc)]
Until = Annotated[Moment, BeforeValidator(_through)]
LIMIT = Query(50, ge=1, le=200, description="Rows a page")

LIST_PARAMETERS = (
    "status", "resource_type", "format", "date_from", "date_to", "cursor", "limit",
)  # fmt: skip
READING = {400: Problem, 401: Problem, 403: Problem, 404: Problem}
ACTING = {**READING, 409: Problem, 429: Problem}


@router.get("/exports", response={200: JobPage, **READING}, url_name="list", summary="List exports")
def listed(
    request: HttpRequest,
    status: Status | None = None,
    resource_type: str = "",
    format: Literal["", "csv", "excel", "json", "ndjson"] = "",  # noqa: A002 - the name in the address
    date_from: Moment | None = None,
    date_to: Until | None = None,
    cursor: str = "",
    limit: int = LIMIT,
) -> dict[str, Any]:
    """Give the exports that the caller may see, the newest first."""
    caller = callers.person(request, callers.READ)
    callers.known_only(request, *LIST_PARAMETERS)
    if resource_type and resource_type not in registry.names():
        accepted = registry.names()
        raise errors.BadOption(field="resource_type", value=resource_type, accepted=accepted)
    wanted = {
        "status": status,
        "resource": resource_type,
        "format": format,
        "requested_at__gte": date_from,
        "requested_at__lte": date_to,
    }
    rows = queries.visible(caller).filter(**{name: one for name, one in wanted.items() if one})
    total = rows.count()
    if cursor:
        at, job_id = cursors.decode(cursor, _place)
        rows = rows.filter(Q(requested_at__lt=at) | Q(requested_at=at, pk__lt=job_id))
    found = list(rows.order_by("-requested_at", "-pk")[: limit + 1])
    shown, pagination = cursors.page(
        request,
        found,
        total=total,
        limit=limit,
        place=lambda job: cursors.encode(job.requested_at.isoformat(), job.pk),
    )
    jobs = [show.job_as_json(request, job, by=caller) for job in shown]
    return {"data": jobs, "pagination": pagination}


@router.get(
    "/exports/{export_id}",
    response={200: Job, 304: None, **READING},
    url_name="status",
    summary="Where an export stands",
)
def status_of(request: HttpRequest, export_id: str) -> HttpResponse:
    """Give an export; with `If-None-Match` of the last answer, 304 where nothing moved."""
    caller = callers.person(request, callers.READ)
    job = queries.find(export_id, by=caller)
    return _tagged(request, show.job_as_json(request, job, by=caller))


@router.get(
    "/exports/{export_id}/logs",
    response={200: LogPage, **READING},
    url_name="logs",
    summary="The log of an export",
)
def logs(
    request: HttpRequest, export_id: str, cursor: str = "", limit: int = LIMIT
) -> dict[str, Any]:
    """Give the lines of an export's log, the oldest first."""
    caller = callers.person(request, callers.READ)
    callers.known_only(request, "cursor", "limit")
    lines = queries.log_of(queries.find(export_id, by=caller))
    total = lines.count()
    if cursor:
        lines = lines.filter(seq__gt=cursors.decode(cursor, lambda parts: int(parts[0])))
    shown, pagination = cursors.page(
        request,
        list(lines[: limit + 1]),
        total=total,
        limit=limit,
        place=lambda line: cursors.encode(line.seq),
    )
    return {"data": [show.line_as_json(line) for line in shown], "pagination": pagination}


@router.get(
    "/exports/{export_id}/receipt",
    response={200: dict[str, Any], **READING, 409: Problem},
    url_name="receipt",
    summary="The receipt of a file",
)
def receipt(request: HttpRequest, export_id: str) -> dict[str, Any]:
    """Give the signed receipt that proves the file complete; of direct exports too."""
    job = queries.find(export_id, by=callers.person(request, callers.READ))
    if job.file is None:
        raise errors.WrongMoment(field="status", value=job.status, accepted=[Status.COMPLETED])
    found: dict[str, Any] = job.file.receipt
    return found


@router.post(
    "/exports/{export_id}/retry",
    response={202: Job, **ACTING},
    url_name="retry",
    summary="Try a failed export again",
)
def retry(request: HttpRequest, export_id: str) -> JsonResponse:
    """Queue a failed export again; it counts against the limit."""
    caller = callers.person(request, callers.WRITE)
    job = queries.find(export_id, by=caller)
    moved = control.retry(job, by=caller, address=origin.address(request))
    return JsonResponse(show.job_as_json(request, moved, by=caller), status=202)


@router.post(
    "/exports/{export_id}/cancel",
    response={200: Job, **ACTING},
    url_name="cancel",
    summary="Cancel an export",
)
def cancel(request: HttpRequest, export_id: str) -> dict[str, Any]:
    """Cancel a queued or running export; nothing of its file stays."""
    caller = callers.person(request, callers.WRITE)
    job = queries.find(export_id, by=caller)
    moved = control.cancel(job, by=caller, address=origin.address(request))
    return show.job_as_json(request, moved, by=caller)


@router.delete(
    "/exports/{export_id}",
    response={204: None, **ACTING},
    url_name="delete",
    summary="Delete a file now",
)
def delete(request: HttpRequest, export_id: str) -> HttpResponse:
    """Delete the file of a completed export; its line in the history stays."""
    caller = callers.person(request, callers.WRITE)
    job = queries.find(export_id, by=caller)
    control.delete_now(job, by=caller, address=origin.address(request))
    return HttpResponse(status=204)


def _place(parts: list[str]) -> tuple[datetime, UUID]:
    return datetime.fromisoformat(parts[0]), UUID(parts[1])


def _tagged(request: HttpRequest, body: dict[str, Any]) -> HttpResponse:
    text = json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False)
    tag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if is_known(tag, request.headers.get("If-None-Match", "")):
        return HttpResponse(status=304, headers=headers)
    return HttpResponse(text, content_type="application/json", headers=headers)
