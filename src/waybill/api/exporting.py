"""Starting exports: at once where they are small, in the background where not."""

import logging
from typing import Any, cast

from django.http import HttpRequest, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from ninja import Router
from ninja.params.functions import Header

from waybill import origin, registry
from waybill.api import callers, show
from waybill.api.schemas import Accepted, ExportBody, Problem
from waybill.declare.policy import Person
from waybill.jobs.request import Wish
from waybill.models import ExportJob
from waybill.shortid import to_short
from waybill.values import ExportRequest, Json, Options
from waybill.work.ask import ask, frozen_for
from waybill.work.direct import Direct
from waybill.work.trial import try_out

__all__ = ["router"]

logger = logging.getLogger(__name__)
router = Router(tags=["exports"])

REFUSALS = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 409: Problem, 422: Problem}
FAILURES = {429: Problem, 500: Problem, 503: Problem, 507: Problem}


@router.post(
    "/{resource}/export",
    response={200: Any, 202: Accepted, **REFUSALS, **FAILURES},
    url_name="export",
    summary="Start an export",
)
def export(
    request: HttpRequest,
    resource: str,
    body: ExportBody = ExportBody(),  # noqa: B008 - django-ninja reads it as an optional body
    idempotency_key: str = Header("", alias="Idempotency-Key", max_length=255),
) -> HttpResponseBase:
    """Give the file at once (200) where it is small, else a job (202 and `Location`).

    Up to 10,000 rows come at once; `async` true always makes a job, `async` false always a file,
    up to 100,000 rows. Who may start the export but not fetch it always gets a job.
    """
    caller = callers.person(request, callers.WRITE)
    registry.get(resource)
    callers.known_only(request)  # filters stand in the body: here they would narrow nothing
    asked = requested(resource, body)
    if body.dry_run:
        return tried(request, asked, caller, body.background)
    wish = Wish(
        address=origin.address(request),
        key=idempotency_key,
        email_notification=body.email_notification,
        background=body.background,
    )
    made = ask(asked, by=caller, wish=wish)
    if isinstance(made, Direct):
        return at_once(made)
    return later(request, made)


def tried(
    request: HttpRequest, asked: ExportRequest, caller: Person, background: bool | None
) -> JsonResponse:
    """Say what would come."""
    address = origin.address(request)
    frozen = frozen_for(asked, by=caller, address=address)
    found = try_out(frozen, by=caller, address=address, background=background)
    return JsonResponse(found.to_json())


def requested(resource: str, body: ExportBody) -> ExportRequest:
    """Read a body as a request of the engine."""
    sort = [body.sort] if isinstance(body.sort, str) else body.sort
    keys = [key.strip() for one in sort for key in one.split(",")]
    return ExportRequest(
        resource=resource,
        format=body.format,
        columns=None if body.columns is None else tuple(body.columns),
        labels=body.labels,
        filters=cast("dict[str, Json]", body.filters),
        search=body.search,
        sort=tuple(key for key in keys if key),
        view=body.view,
        options=Options(**body.options.dict()),
    )


def at_once(file: Direct) -> StreamingHttpResponse:
    """Send a finished file; a cut shows, as the length is known."""
    response = StreamingHttpResponse(file, content_type=file.content_type)
    response["Content-Length"] = str(file.size)
    response["Content-Disposition"] = content_disposition_header(True, file.name)
    response["X-Export-Id"] = to_short(file.job.pk)
    response["X-Row-Count"] = str(file.receipt["rows"])
    response["ETag"] = f'"{file.sha256}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox"
    return response


def later(request: HttpRequest, job: ExportJob) -> JsonResponse:
    """Say where the export can be followed."""
    said = show.accepted(request, job)
    headers = {
        "Location": said["status_url"],
        "Retry-After": str(said["estimated_wait"]["seconds"]),
        "X-Export-Id": said["export_id"],
    }
    return JsonResponse(said, status=202, headers=headers)
