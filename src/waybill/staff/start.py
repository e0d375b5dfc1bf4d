"""Asking for an export: its estimate, and the start."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from waybill import errors, origin
from waybill.jobs import presets
from waybill.jobs.request import Wish
from waybill.plan.freeze import freeze
from waybill.shortid import to_short
from waybill.staff import ask, spelled
from waybill.staff.access import page, person
from waybill.staff.dialog import draw, startable
from waybill.values import ExportRequest
from waybill.work import ask as work
from waybill.work import estimate as estimates
from waybill.work.direct import Direct

__all__ = ["estimate", "start"]

EXCEL_ROWS = 1_048_575


@page
@require_POST
def estimate(request: HttpRequest, resource: str) -> HttpResponseBase:
    """Say how many rows, how large, how long, which way, and show the first ones.

    That is a part of the dialog; a browser without JavaScript gets the dialog around it.
    """
    export = startable(request, resource)
    context: dict[str, Any] = {}
    problem, status = "", 200
    try:
        context = _estimated(request, resource)
    except errors.RequestRefused as refused:
        problem, status = str(refused), 400
    except errors.RunFailed as failed:
        problem, status = str(failed.public), 503
    if request.headers.get("HX-Request"):
        # With 200, for htmx shows no other answer.
        return render(request, "waybill/parts/estimate.html", {**context, "problem": problem})
    return draw(request, export, request.POST, problem=problem, more=context, status=status)


@page
@require_POST
def start(request: HttpRequest, resource: str) -> HttpResponseBase:
    """Make the export: a small one comes as the answer, a large one leads to its status page."""
    export = startable(request, resource)
    try:
        wanted = ask.read(resource, request.POST)
        answer = _answer(request, wanted)
    except errors.RateLimited as limited:
        problem = str(limited.public)
        answer = draw(request, export, request.POST, problem=problem, status=429)
        answer["Retry-After"] = str(limited.seconds)
    except errors.AlreadyMade as made:
        return redirect("waybill:status", made.value)
    except errors.RequestRefused as refused:
        return draw(request, export, request.POST, problem=str(refused), status=400)
    except errors.RunFailed as failed:
        return draw(request, export, request.POST, problem=str(failed.public), status=503)
    _remember(request, resource)
    return answer


def _estimated(request: HttpRequest, resource: str) -> dict[str, Any]:
    """Judge what the form asks for, and spell it; selected rows have no spelling.

    The command writes the file at once, so it is for those alone who may fetch it.
    """
    by, asked = person(request), ask.read(resource, request.POST)
    frozen = freeze(asked, by)
    found = estimates.estimate(frozen, by=by, preview="preview" in request.POST)
    context: dict[str, Any] = {
        "estimate": found,
        "asked": frozen.request,
        "too_long": _too_long(frozen.request, found.rows),
    }
    if asked.selected is None:
        context["command"] = spelled.as_command(asked, by) if work.may_fetch(frozen, by) else ""
        context["call"] = spelled.as_call(asked, request.build_absolute_uri("/").rstrip("/"))
    return context


def _answer(request: HttpRequest, wanted: ExportRequest) -> HttpResponseBase:
    """Send a small export at once; lead to the status page of a large one."""
    wish = Wish(
        address=origin.address(request),
        key=request.POST.get("key", "")[:100],
        email_notification="mail" in request.POST or "options" not in request.POST,
    )
    made = work.ask(wanted, by=person(request), wish=wish)
    if isinstance(made, Direct):
        return _attachment(made)
    return redirect("waybill:status", to_short(made.pk))


def _remember(request: HttpRequest, resource: str) -> None:
    """Keep what was chosen in the dialog for the next time; a list's own button chooses nothing."""
    if "options" in request.POST:
        view, choices = ask.storable(request.POST.get("view", "")), ask.chosen(request.POST)
        presets.remember(person(request), resource, view=view, choices=choices)


def _attachment(sent: Direct) -> StreamingHttpResponse:
    response = StreamingHttpResponse(sent, content_type=sent.content_type)
    response["Content-Disposition"] = f'attachment; filename="{sent.name}"'
    response["Content-Length"] = str(sent.size)
    response["ETag"] = f'"{sent.sha256}"'
    response["X-Export-Id"] = to_short(sent.job.pk)
    response["Cache-Control"] = "private, no-store"
    return response


def _too_long(wanted: ExportRequest, rows: int) -> bool:
    return wanted.format == "excel" and rows > EXCEL_ROWS
