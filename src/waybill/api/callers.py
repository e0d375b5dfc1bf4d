"""Who calls, and what their token is for."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.module_loading import import_string

from waybill import conf, errors, origin, registry
from waybill.declare.policy import Person
from waybill.jobs.log import Actor
from waybill.jobs.request import refuse

__all__ = ["READ", "WRITE", "authentication", "known_only", "person"]

READ, WRITE = "exports:read", "exports:write"


def authentication() -> Sequence[Any]:
    """Load the host's authenticators: callables of django-ninja that give a person."""
    return [import_string(path) for path in conf.settings().api_auth]


def person(request: HttpRequest, scope: str) -> Person:
    """Give the caller; raises `NotAllowed`, logged, where their token lacks the scope."""
    scopes = getattr(request, "token_scopes", None)
    caller: Person = request.auth  # type: ignore[attr-defined]
    if scopes is not None and scope not in scopes:
        refusal = errors.NotAllowed(field="token", value=scope, accepted=[scope])
        refuse(_resource(request), refusal, Actor.of(caller, origin.address(request)))
        raise refusal
    return caller


def _resource(request: HttpRequest) -> str:
    """Name the export that a call is for, where its address names one that there is."""
    name = request.resolver_match.kwargs.get("resource", "") if request.resolver_match else ""
    return name if name in registry.names() else ""


def known_only(request: HttpRequest, *names: str) -> None:
    """Refuse a parameter that is not one of the names: a misspelt one would narrow nothing."""
    for name in request.GET:
        if name not in names:
            raise errors.BadOption(field="query", value=name, accepted=names)
