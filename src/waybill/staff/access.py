"""Who asks, and for what."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from waybill import errors, registry
from waybill.declare.exports import Export
from waybill.declare.policy import Person
from waybill.jobs import past, queries
from waybill.models import ExportJob
from waybill.staff.gate import log_in_first

__all__ = [
    "STOP_POLLING",
    "export_named",
    "found",
    "logged_out",
    "page",
    "person",
    "title_of",
]

STOP_POLLING = 286  # htmx: take the answer and ask no more

type View = Callable[..., HttpResponseBase]


def page(view: View) -> View:
    """Ask for the log-in first; what is not there or not theirs is one and the same 404.

    A part of a page that asks after the log-out has the whole page asked for again: the log-in
    would else stand in the middle of it.
    """

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except (errors.JobUnknown, errors.ResourceUnknown) as error:
            raise Http404 from error
        except errors.NotLogged as error:
            return HttpResponse(str(error.public), content_type="text/plain", status=503)

    guarded = log_in_first(shown)

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if logged_out(request):
            return HttpResponse(status=204, headers={"HX-Refresh": "true"})
        return guarded(request, *args, **kwargs)

    return asked


def logged_out(request: HttpRequest) -> bool:
    """Say whether a part of a page asks on behalf of nobody: the session of the page has ended."""
    return bool(request.headers.get("HX-Request")) and not request.user.is_authenticated


def person(request: HttpRequest) -> Person:
    """Give whoever is logged in."""
    user: Any = request.user
    return user  # type: ignore[no-any-return]


def found(request: HttpRequest, name: str) -> ExportJob:
    """Read the export of an address; raises `JobUnknown` where the person may not know of it."""
    return queries.find(name, by=person(request), among=past.watched())


def export_named(name: str) -> Export:
    """Find a declared export; raises `ResourceUnknown`."""
    return registry.get(name)


def title_of(name: str) -> str:
    """Name what an export is of, in words; its bare name where it is declared no more."""
    try:
        return str(registry.title(name))
    except errors.ResourceUnknown:
        return name
