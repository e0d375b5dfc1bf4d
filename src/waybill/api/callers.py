"""Who calls, and what their token is for."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.module_loading import import_string

from waybill import conf, errors
from waybill.declare.policy import Person

__all__ = ["READ", "WRITE", "authentication", "known_only", "person"]

READ, WRITE = "exports:read", "exports:write"


def authentication() -> Sequence[Any]:
    """Load the host's authenticators: callables of django-ninja that give a person."""
    return [import_string(path) for path in conf.settings().api_auth]


def person(request: HttpRequest, scope: str) -> Person:
    """Give the caller; raises `NotAllowed` where their token lacks the scope."""
    scopes = getattr(request, "token_scopes", None)
    if scopes is not None and scope not in scopes:
        raise errors.NotAllowed(field="token", value=scope, accepted=[scope])
    caller: Person = request.auth  # type: ignore[attr-defined]
    return caller


def known_only(request: HttpRequest, *names: str) -> None:
    """Refuse a parameter that is not one of the names: a misspelt one would narrow nothing."""
    for name in request.GET:
        if name not in names:
            raise errors.BadOption(field="query", value=name, accepted=names)
