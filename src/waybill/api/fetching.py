"""Fetching the file of an export."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from ninja import Router

from waybill import origin
from waybill.api import callers, problems
from waybill.api.schemas import Problem
from waybill.jobs import queries
from waybill.work.download import Asked, download

__all__ = ["asked", "router"]

router = Router(tags=["exports"])


@router.get(
    "/exports/{export_id}/download",
    response={
        200: Any,
        206: Any,
        302: None,
        304: None,
        **dict.fromkeys((400, 401, 403, 404, 409, 410, 416, 500), Problem),
    },
    url_name="download",
    summary="Fetch a file",
)
def fetch(request: HttpRequest, export_id: str) -> HttpResponseBase:
    """Give the file, or the part that `Range` names; counted and logged.

    302 where the host sends downloads to a signed address of the storage, for a minute at most.
    The ETag is the file's SHA-256. 410 where it expired, or was sent at once and not kept.
    """
    caller = callers.person(request, callers.READ)
    job = queries.find(export_id, by=caller)
    given = download(job, by=caller, asked=asked(request))
    if given.status == 416:
        return problems.no_such_part(given.headers)
    return StreamingHttpResponse(given.chunks, status=given.status, headers=dict(given.headers))


def asked(request: HttpRequest) -> Asked:
    """Read the conditions and the range of a request."""
    return Asked(
        address=origin.address(request),
        range=request.headers.get("Range", ""),
        if_range=request.headers.get("If-Range", ""),
        if_none_match=request.headers.get("If-None-Match", ""),
        head=request.method == "HEAD",
    )
