"""The page of the log, for those who may read more of it than their own exports'."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_GET

from waybill import registry
from waybill.jobs import trail, verdict
from waybill.jobs.trail import Sought
from waybill.shortid import from_short, to_short
from waybill.staff.access import page, person, title_of
from waybill.staff.look_back import day
from waybill.templatetags.waybill import event

__all__ = ["audit"]

NONE = UUID(int=0)  # the id of no export


@page
@require_GET
def audit(request: HttpRequest) -> HttpResponseBase:
    """Show lines, the newest first."""
    by, asked = person(request), request.GET
    if not trail.may_read(by):
        raise PermissionDenied
    found = trail.page(by, _sought(asked))
    context = {
        "lines": [(line, to_short(line.job_id) if line.job_id else "") for line in found.lines],
        "older": found.older,
        "asked": asked,
        "events": _events(),
        "resources": [(name, title_of(name)) for name in registry.names()],
        "verdict": verdict.last(),
        "wanted": list(_wanted(asked).items()),
    }
    return render(request, "waybill/audit.html", context)


def _sought(asked: QueryDict) -> Sought:
    """Read the filters; what does not parse finds nothing rather than everything."""
    before = asked.get("before", "")
    numbered = before.isdecimal() and len(before) < 19
    dated = all(day(asked.get(name, "")) for name in ("from", "to") if asked.get(name))
    return Sought(
        event=asked.get("event", "")[:40].replace("\x00", ""),
        resource=asked.get("resource", "")[:64].replace("\x00", ""),
        actor=asked.get("actor", "")[:200].replace("\x00", ""),
        export=_export(asked.get("export", "").strip()) if dated else NONE,
        since=day(asked.get("from", "")),
        until=day(asked.get("to", ""), after=1),
        before=int(before) if numbered else 0 if before else None,
    )


def _export(name: str) -> UUID | None:
    if not name:
        return None
    try:
        return from_short(name)
    except ValueError:
        return NONE


def _events() -> list[tuple[str, str]]:
    """Name the events there are, those of exports by their label."""
    found = [(one, event(one)) for one in trail.events()]
    return sorted(found, key=lambda one: one[1])


def _wanted(asked: QueryDict) -> dict[str, str]:
    """Give the filters as the export of the log takes them."""
    names = {"event": "event", "resource": "resource", "actor": "actor", "export": "export"}
    names |= {"from": "created_from", "to": "created_to"}
    wanted = {f"f.{name}": asked.get(short, "").strip() for short, name in names.items()}
    export = _export(wanted["f.export"])
    if export is not None:
        wanted["f.export"] = str(export)
    return {name: value for name, value in wanted.items() if value}
