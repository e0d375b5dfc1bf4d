"""Watching an export: its status page, what can be done to it, and its file."""

import json
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from waybill import errors, origin
from waybill.jobs import control, queries
from waybill.models import ExportJob
from waybill.shortid import to_short
from waybill.staff import news
from waybill.staff.access import STOP_POLLING, found, page, person
from waybill.staff.standing import Standing, standing
from waybill.states import Delivery
from waybill.work.download import Asked
from waybill.work.download import download as fetched

LOG_PAGE = 200  # lines: an export has a hundred, and two for each download

__all__ = ["again", "cancel", "delete", "download", "log", "panel", "receipt", "retry", "status"]


@page
@require_GET
def status(request: HttpRequest, name: str) -> HttpResponseBase:
    """Show where an export stands."""
    return _show(request, found(request, name))


@page
@require_GET
def panel(request: HttpRequest, name: str) -> HttpResponseBase:
    """Give the part of the status page that moves; 304 where nothing did."""
    now = standing(found(request, name), person(request))
    if request.headers.get("If-None-Match") == now.tag:
        return HttpResponse(status=304, headers={"ETag": now.tag})
    code = STOP_POLLING if now.ended else 200
    if now.ended and now.mine:
        news.tell(request, now.name)
    response = render(request, "waybill/parts/panel.html", {"now": now}, status=code)
    response["ETag"] = now.tag
    response["Cache-Control"] = "private, no-cache"
    return response


@page
@require_POST
def cancel(request: HttpRequest, name: str) -> HttpResponseBase:
    """Cancel a queued or running export."""
    return _act(request, name, control.cancel)


@page
@require_POST
def retry(request: HttpRequest, name: str) -> HttpResponseBase:
    """Queue a failed export again."""
    return _act(request, name, control.retry)


@page
@require_POST
def delete(request: HttpRequest, name: str) -> HttpResponseBase:
    """Withdraw the file of a finished export."""
    return _act(request, name, control.delete_now)


@page
@require_POST
def again(request: HttpRequest, name: str) -> HttpResponseBase:
    """Ask for the same once more, as an export of its own."""

    def run(job: ExportJob, **who: Any) -> ExportJob:
        return control.run_again(job, **who).job

    return _act(request, name, run)


@page
@require_safe
def download(request: HttpRequest, name: str) -> HttpResponseBase:
    """Give the file out."""
    job = found(request, name)
    asked = Asked(
        address=origin.address(request),
        range=request.headers.get("Range", ""),
        if_range=request.headers.get("If-Range", ""),
        if_none_match=request.headers.get("If-None-Match", ""),
        head=request.method == "HEAD",
    )
    try:
        given = fetched(job, by=person(request), asked=asked)
    except errors.RequestRefused as refused:
        return _show(request, job, problem=refused, code=_code(refused))
    except errors.RunFailed as failed:
        return _show(request, job, problem=failed, code=503)
    response = StreamingHttpResponse(given.chunks, status=given.status)
    for header, value in given.headers.items():
        response[header] = value
    return response


@page
@require_GET
def receipt(request: HttpRequest, name: str) -> HttpResponseBase:
    """Give the signed receipt as a file."""
    job = found(request, name)
    if job.file is None:
        raise errors.JobUnknown(field="export", value=name)
    body = json.dumps(job.file.receipt, indent=2, ensure_ascii=False) + "\n"
    response = HttpResponse(body, content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{job.file.name}.receipt.json"'
    return response


@page
@require_GET
def log(request: HttpRequest, name: str) -> HttpResponseBase:
    """Show the log of an export, page by page."""
    job = found(request, name)
    after = request.GET.get("after", "")
    begin = int(after) if after.isdecimal() and len(after) < 10 else 0
    lines = [*queries.log_of(job).filter(seq__gt=begin)[: LOG_PAGE + 1]]
    further = lines[LOG_PAGE - 1].seq if len(lines) > LOG_PAGE else None
    context = {
        "now": standing(job, person(request)),
        "lines": lines[:LOG_PAGE],
        "begin": begin,
        "further": further,
    }
    return render(request, "waybill/log.html", context)


def _act(request: HttpRequest, name: str, action: Callable[..., ExportJob]) -> HttpResponseBase:
    """Do something to an export and show where it stands then."""
    job = found(request, name)
    try:
        moved = action(job, by=person(request), address=origin.address(request))
    except errors.RateLimited as limited:
        answer = _show(request, job, problem=limited, code=429)
        answer["Retry-After"] = str(limited.seconds)
        return answer
    except errors.RequestRefused as refused:
        return _show(request, queries.get(job.pk), problem=refused, code=_code(refused))
    return redirect("waybill:status", to_short(moved.pk))


def _show(
    request: HttpRequest,
    job: ExportJob,
    *,
    problem: errors.WaybillError | None = None,
    code: int = 200,
) -> HttpResponse:
    now: Standing = standing(job, person(request))
    said = _said(problem)
    if now.ended and now.mine:
        news.tell(request, now.name)
    context = {"now": now, "problem": said, "kept": job.delivery == Delivery.BACKGROUND}
    return render(request, "waybill/status.html", context, status=code)


def _said(problem: errors.WaybillError | None) -> str:
    if isinstance(problem, errors.WrongMoment):
        return _("That came too late: the export has moved on.")
    if isinstance(problem, errors.RequestRefused):
        return str(problem)
    return "" if problem is None else str(problem.public)


def _code(refused: errors.RequestRefused) -> int:
    known: list[tuple[type[errors.RequestRefused], int]] = [
        (errors.DownloadRefused, 403),
        (errors.NotAllowed, 403),
        (errors.WrongMoment, 409),
        (errors.FileGone, 410),
        (errors.FileDamaged, 500),
    ]
    return next((code for kind, code in known if isinstance(refused, kind)), 400)
