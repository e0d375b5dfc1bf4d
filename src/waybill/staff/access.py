"""Who asks, and for what."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from waybill import errors, registry
from waybill.declare.exports import Export
from waybill.declare.policy import Person
from waybill.jobs import past, queries
from waybill.models import ExportJob

__all__ = ["export_named", "found", "page", "person", "title_of"]

type View = Callable[..., HttpResponseBase]


def page(view: View) -> View:
    """Ask for the log-in first; what is not there or not theirs is one and the same 404."""

    @wraps(view)
    def shown(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except (errors.JobUnknown, errors.ResourceUnknown) as error:
            raise Http404 from error
        except errors.NotLogged as error:
            return HttpResponse(str(error.public), content_type="text/plain", status=503)

    return login_required(shown)


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
