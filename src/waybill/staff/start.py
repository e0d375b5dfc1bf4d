"""Asking for an export: the dialog, its estimate, and the start."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    QueryDict,
    StreamingHttpResponse,
)
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from waybill import errors
from waybill.declare.exports import Export
from waybill.declare.policy import may_start
from waybill.jobs.request import Wish
from waybill.plan.freeze import freeze
from waybill.plan.options import DELIMITERS
from waybill.shortid import to_short
from waybill.staff import ask, spelled
from waybill.staff.access import address, export_named, page, person, title_of
from waybill.values import ExportRequest
from waybill.work import ask as work
from waybill.work import estimate as estimates
from waybill.work.direct import Direct

__all__ = ["dialog", "estimate", "start"]

FORMATS = (
    ("excel", "Excel", _("Real dates and numbers, filter and colours; a second sheet explains.")),
    ("csv", "CSV", _("For other systems and for any size.")),
    ("json", "JSON", _("With relations, and with the conversation if you want it.")),
    ("ndjson", "NDJSON", _("A row a line, for programs.")),
)
EXCEL_ROWS = 1_048_575
REMEMBERED = "waybill.choices"  # in the session: the last dialog of each resource


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A column in the dialog."""

    key: str
    label: str
    chosen: bool
    withheld: str
    renamed: str


@page
@require_http_methods(["GET", "POST"])
def dialog(request: HttpRequest, resource: str) -> HttpResponseBase:
    """Show what can be chosen, with the list's filters and the last choices filled in."""
    export = _startable(request, resource)
    form = request.POST if request.method == "POST" else request.GET
    return _dialog(request, export, form)


@page
@require_POST
def estimate(request: HttpRequest, resource: str) -> HttpResponseBase:
    """Say how many rows, how large, how long, which way, and show the first ones."""
    _startable(request, resource)
    context: dict[str, Any] = {}
    try:
        asked = ask.read(resource, request.POST)
        frozen = freeze(asked, person(request))
        context["estimate"] = estimates.estimate(frozen, by=person(request))
        context["command"] = spelled.as_command(asked)
        context["call"] = spelled.as_call(asked, request.build_absolute_uri("/").rstrip("/"))
        context["too_long"] = _too_long(frozen.request, context["estimate"].rows)
        if "preview" in request.POST:
            context["preview"] = estimates.preview(frozen, by=person(request))
    except errors.RequestRefused as refused:
        context["problem"] = str(refused)
    return render(request, "waybill/parts/estimate.html", context)


@page
@require_POST
def start(request: HttpRequest, resource: str) -> HttpResponseBase:
    """Make the export: a small one comes as the answer, a large one leads to its status page."""
    export = _startable(request, resource)
    try:
        wanted = ask.read(resource, request.POST)
        answer = _answer(request, wanted)
    except errors.RateLimited as limited:
        problem = str(limited.public)
        answer = _dialog(request, export, request.POST, problem=problem, status=429)
        answer["Retry-After"] = str(limited.seconds)
    except errors.AlreadyMade as made:
        return redirect("waybill:status", made.value)
    except errors.RequestRefused as refused:
        return _dialog(request, export, request.POST, problem=str(refused), status=400)
    except errors.RunFailed as failed:
        return _dialog(request, export, request.POST, problem=str(failed.public), status=503)
    _remember(request, resource)
    return answer


def _answer(request: HttpRequest, wanted: ExportRequest) -> HttpResponseBase:
    """Send a small export at once; lead to the status page of a large one."""
    wish = Wish(
        address=address(request),
        key=request.POST.get("key", "")[:100],
        email_notification="mail" in request.POST or "options" not in request.POST,
    )
    made = work.ask(wanted, by=person(request), wish=wish)
    if isinstance(made, Direct):
        return _attachment(made)
    return redirect("waybill:status", to_short(made.pk))


def _attachment(sent: Direct) -> StreamingHttpResponse:
    response = StreamingHttpResponse(sent, content_type=sent.content_type)
    response["Content-Disposition"] = f'attachment; filename="{sent.name}"'
    response["Content-Length"] = str(sent.size)
    response["ETag"] = f'"{sent.sha256}"'
    response["X-Export-Id"] = to_short(sent.job.pk)
    response["Cache-Control"] = "private, no-store"
    return response


def _startable(request: HttpRequest, resource: str) -> Export:
    """Find the export; raises `ResourceUnknown` too where the person may not start it."""
    export = export_named(resource)
    if not may_start(person(request), export):
        raise errors.ResourceUnknown(field="resource", value=resource)
    return export


def _dialog(
    request: HttpRequest, export: Export, form: QueryDict, *, problem: str = "", status: int = 200
) -> HttpResponse:
    last = _remembered(request, export.name)
    chosen = form if "format" in form else _merged(form, last)
    context = {
        "resource": export.name,
        "title": title_of(export.name),
        "form": chosen,
        "format": chosen.get("format", "excel"),
        "formats": FORMATS,
        "columns": [*_columns(request, export, chosen)],
        "hidden": [*ask.hidden(form)],
        "selected": len(form.getlist("selected")),
        "scope": form.get("scope", "selected" if form.get("selected") else "view"),
        "delimiters": DELIMITERS,
        "words": _words(request, export.name, form),
        "children": bool(export.children),
        "key": secrets.token_urlsafe(16),
        "problem": problem,
    }
    return render(request, "waybill/dialog.html", context, status=status)


def _columns(request: HttpRequest, export: Export, form: QueryDict) -> Iterable[Choice]:
    """Give every column the person may have: the chosen ones first, in their order."""
    visible = {column.name: column for column in export.visible(person(request))}
    usual = [name for name, column in visible.items() if not column.extra]
    picked = [key for key in form.getlist("columns") if key in visible] or usual
    for key in (*picked, *(name for name in visible if name not in picked)):
        column = visible[key]
        withheld = column.otherwise if export.withheld(column, person(request)) else ""
        yield Choice(
            key=key,
            label=str(column.heading()),
            chosen=key in picked,
            withheld=withheld,
            renamed=form.get(f"{ask.LABEL}{key}", ""),
        )


def _words(request: HttpRequest, resource: str, form: QueryDict) -> tuple[str, ...]:
    """Say the list's filters, `@me` and dates resolved."""
    try:
        return freeze(ask.read(resource, _listed(form)), person(request)).words
    except errors.RequestRefused:
        return ()


def _listed(form: QueryDict) -> QueryDict:
    """Keep what the list asked for and nothing of the dialog's own."""
    listed = QueryDict(mutable=True)
    for name, value in ask.hidden(form):
        if name != "selected":
            listed.appendlist(name, value)
    return listed


def _too_long(wanted: ExportRequest, rows: int) -> bool:
    return wanted.format == "excel" and rows > EXCEL_ROWS


def _remember(request: HttpRequest, resource: str) -> None:
    kept = request.POST.copy()
    for name in {"csrfmiddlewaretoken", "key", "selected", "scope", *dict(ask.hidden(kept))}:
        kept.pop(name, None)
    if "options" in kept:
        request.session[REMEMBERED] = {
            **request.session.get(REMEMBERED, {}),
            resource: kept.urlencode(),
        }


def _remembered(request: HttpRequest, resource: str) -> QueryDict:
    return QueryDict(request.session.get(REMEMBERED, {}).get(resource, ""))


def _merged(form: QueryDict, last: QueryDict) -> QueryDict:
    merged = last.copy()
    for name, values in form.lists():
        merged.setlist(name, [str(value) for value in values])
    return merged
