"""The dialog: what can be chosen, filled in from the list, from a preset, or from the last time."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from waybill import errors
from waybill.declare.exports import Export
from waybill.declare.policy import may_start
from waybill.jobs import presets
from waybill.jobs.presets import Pairs
from waybill.plan.freeze import freeze
from waybill.plan.options import DELIMITERS
from waybill.staff import ask
from waybill.staff.access import export_named, found, page, person, title_of
from waybill.staff.placing import placed
from waybill.states import Delivery
from waybill.values import FrozenRequest

__all__ = ["dialog", "draw", "startable"]

FORMATS = (
    ("excel", "Excel", _("Real dates and numbers, filter and colours; a second sheet explains.")),
    ("csv", "CSV", _("For other systems and for any size.")),
    ("json", "JSON", _("One document, with relations inside.")),
    ("ndjson", "NDJSON", _("A row a line, for programs.")),
)
AS_LISTED = "list"  # instead of a preset: the list's own columns, and the usual options


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
def dialog(request: HttpRequest, resource: str, form: QueryDict | None = None) -> HttpResponseBase:
    """Show what can be chosen, with the list's filters and the last choices filled in.

    `form` stands for what the request carries, for a page that leads here by itself.
    """
    export = startable(request, resource)
    if form is None:
        form = request.POST if request.method == "POST" else ask.addressed(request.GET)
    if name := form.get("again", ""):
        form = _past(request, export, name)
    elif preset := form.get("preset", ""):
        form = _filled(_listed(form), _kept(request, resource, preset))
    elif "format" not in form:
        view = ask.storable(form.get("view", ""))
        form = _filled(form, presets.last(person(request), resource, view))
    return draw(request, export, form)


def startable(request: HttpRequest, resource: str) -> Export:
    """Find the export; raises `ResourceUnknown` too where the person may not start it."""
    export = export_named(resource)
    if not may_start(person(request), export):
        raise errors.ResourceUnknown(field="resource", value=resource)
    return export


def draw(
    request: HttpRequest,
    export: Export,
    form: QueryDict,
    *,
    problem: str = "",
    said: str = "",
    more: Mapping[str, Any] = MappingProxyType({}),
    status: int = 200,
) -> HttpResponse:
    """Draw the dialog with what the form says filled in, and an estimate's `more` facts."""
    try:
        listed = _frozen(request, export.name, _listed(form))
    except errors.RequestRefused as refused:
        listed, problem = None, problem or str(refused)
    context = {
        "resource": export.name,
        "title": title_of(export.name),
        "form": form,
        "format": form.get("format", "excel"),
        "formats": FORMATS,
        "columns": [*_columns(request, export, form, listed)],
        "hidden": [*ask.hidden(form)],
        "selected": len(ask.selected(form)),
        "scope": form.get("scope", "selected" if ask.selected(form) else "view"),
        "delimiters": DELIMITERS,
        "words": listed.words if listed else (),
        "children": ", ".join(str(one.title or one.name).lower() for one in export.children),
        "presets": presets.usable(person(request), export.name),
        "as_listed": AS_LISTED,
        "key": secrets.token_urlsafe(16),
        "problem": problem,
        "said": said,
        **more,
    }
    return render(request, "waybill/dialog.html", context, status=status)


def _columns(
    request: HttpRequest, export: Export, form: QueryDict, listed: FrozenRequest | None
) -> Iterable[Choice]:
    """Give every column the person may have: the chosen ones first, in their order."""
    visible = {column.name: column for column in export.visible(person(request))}
    usual = [name for name, column in visible.items() if not column.extra]
    in_list = form.getlist("in_list") or (listed.request.columns if listed else None) or usual
    renamed = listed.request.labels if listed else {}
    picked = [key for key in placed(form) or in_list if key in visible] or usual
    for key in (*picked, *(name for name in visible if name not in picked)):
        column = visible[key]
        withheld = column.otherwise if export.withheld(column, person(request)) else ""
        yield Choice(
            key=key,
            label=str(column.heading()),
            chosen=key in picked,
            withheld=withheld,
            renamed=form.get(f"{ask.LABEL}{key}") or renamed.get(key, ""),
        )


def _frozen(request: HttpRequest, resource: str, listed: QueryDict) -> FrozenRequest:
    """Read the list's own request, `@me` and dates resolved; raises where it is refused."""
    asked = listed.copy()
    for name in ("selected", ask.ROWS):
        asked.pop(name, None)
    return freeze(ask.read(resource, asked), person(request))


def _listed(form: QueryDict) -> QueryDict:
    """Keep what the list asked for and nothing of the dialog's own."""
    listed = QueryDict(mutable=True)
    for name, value in ask.hidden(form):
        listed.appendlist(name, value)
    return listed


def _kept(request: HttpRequest, resource: str, preset: str) -> Pairs:
    """Give the choices of a preset; what is not theirs to apply is not there."""
    if preset == AS_LISTED:
        return ()
    number = int(preset) if preset.isdecimal() and len(preset) < 18 else 0
    found_one = presets.one(person(request), resource, number)
    if found_one is None:
        raise Http404
    choices: Pairs = found_one.choices
    return choices


def _past(request: HttpRequest, export: Export, name: str) -> QueryDict:
    """Give what an earlier export asked for, if the person may know of it.

    One that came at once had no mail to send, which is no choice against it.
    """
    job = found(request, name)
    if job.resource != export.name:
        raise errors.JobUnknown(field="export", value=name)
    mail = job.email_notification or job.delivery == Delivery.DIRECT
    return ask.form_of(FrozenRequest.from_json(job.frozen).request, mail=mail)


def _filled(form: QueryDict, choices: Pairs) -> QueryDict:
    """Fill in choices where the form itself says nothing."""
    filled = QueryDict(mutable=True)
    for name, value in choices:
        filled.appendlist(name, value)
    for name, values in form.lists():
        filled.setlist(name, [str(value) for value in values])
        if name == "columns":
            filled.setlist("in_list", [str(value) for value in values])
    return filled
