"""Errors as `application/problem+json` (RFC 9457), with stable codes."""

import json
import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from pathlib import Path
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, InternalError, OperationalError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import HttpBasicAuth, HttpBearer

from waybill import errors
from waybill.api import callers

__all__ = ["no_such_part", "nothing", "problem", "told", "too_large", "watch"]

logger = logging.getLogger(__name__)

# The first line that fits counts.
STATUSES: Mapping[type[errors.WaybillError], int] = {
    errors.ResourceUnknown: 404,
    errors.JobUnknown: 404,
    errors.NotAllowed: 403,
    errors.DownloadRefused: 403,
    errors.RightLost: 403,
    errors.RateLimited: 429,
    errors.KeyReused: 422,
    errors.TooMuch: 422,
    errors.AlreadyMade: 409,
    errors.WrongMoment: 409,
    errors.FileDamaged: 500,
    errors.FileGone: 410,
    errors.RequestRefused: 400,
    errors.StorageFull: 507,
    errors.TimeLimit: 503,
    errors.RunFailed: 500,
    errors.WaybillError: 500,
}
TITLES = {
    400: gettext_lazy("The request was not understood"),
    401: gettext_lazy("Not authenticated"),
    403: gettext_lazy("Not allowed"),
    404: gettext_lazy("Not found"),
    405: gettext_lazy("Not done here"),
    409: gettext_lazy("Not possible now"),
    410: gettext_lazy("No longer there"),
    413: gettext_lazy("Too large"),
    416: gettext_lazy("No such part"),
    422: gettext_lazy("Not possible as asked"),
    429: gettext_lazy("Too many exports"),
    500: gettext_lazy("The export failed"),
    503: gettext_lazy("Not available now"),
    507: gettext_lazy("No room left"),
}

# Where an argument of a call can come from.
SOURCES = {"body", "query", "path", "header", "cookie", "form"}


def problem(
    status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> HttpResponse:
    """Answer with a problem; `more` names the field at fault and what would be accepted."""
    body = {
        "type": "about:blank",
        "title": str(TITLES.get(status, gettext_lazy("Error"))),
        "status": status,
        "code": code,
        "detail": detail,
        **more,
    }
    return HttpResponse(
        json.dumps(body, ensure_ascii=False),
        status=status,
        content_type="application/problem+json",
        headers=dict(headers or {}),
    )


def watch(api: NinjaAPI) -> None:
    """Turn every error of the API into a problem."""
    api.add_exception_handler(errors.WaybillError, _ours)
    api.add_exception_handler(ValidationError, _invalid)
    api.add_exception_handler(AuthenticationError, _unknown)
    api.add_exception_handler(HttpError, _http)
    api.add_exception_handler(Http404, _not_found)
    api.add_exception_handler(RequestDataTooBig, _too_big)
    api.add_exception_handler(OperationalError, _no_database)
    api.add_exception_handler(InterfaceError, _no_database)
    api.add_exception_handler(InternalError, _no_database)
    api.add_exception_handler(Exception, _unforeseen)


def told(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Turn into problems what no error handler of the API is asked about."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **named: Any) -> HttpResponseBase:
        try:
            response = view(request, *args, **named)
        except Http404:
            return nothing(request)
        if isinstance(response, HttpResponseNotAllowed):
            return _not_done(response["Allow"])
        return response

    return answer


@csrf_exempt
def nothing(request: HttpRequest) -> HttpResponse:
    """Say that nothing is there; a host can answer with it whatever else lies beside the API."""
    return problem(404, "not_found", _("There is nothing at this address."))


def _not_done(allowed: str) -> HttpResponse:
    detail = _("This address takes %(methods)s only.") % {"methods": allowed}
    accepted = allowed.split(", ")
    headers = {"Allow": allowed}
    return problem(405, "method_not_allowed", detail, headers, field="method", accepted=accepted)


def _ours(request: HttpRequest, error: Any) -> HttpResponse:
    status = next(status for kind, status in STATUSES.items() if isinstance(error, kind))
    if isinstance(error, errors.RequestRefused):
        return problem(
            status,
            error.code,
            str(error),
            field=error.field,
            value=error.value,
            accepted=list(error.accepted),
        )
    if isinstance(error, errors.RateLimited):
        headers = {"Retry-After": str(error.seconds)}
        return problem(status, error.code, str(error.public), headers, retry_after=error.seconds)
    if error.retryable:
        return problem(503, error.code, str(error.public), {"Retry-After": "60"})
    return problem(status, error.code, str(error.public))


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    first = error.errors[0]
    context = first.get("ctx", {})
    accepted = [str(context[key]) for key in ("expected", "ge", "le", "pattern") if key in context]
    return problem(
        400,
        "invalid_request",
        str(first["msg"]),
        field=".".join(_inside(first["loc"])) or "body",
        accepted=accepted,
    )


def _inside(place: Sequence[Any]) -> list[str]:
    """Name the field, without the part of the request and the argument that it came in."""
    source, *names = map(str, place)
    if source == "body" and names:
        names = names[1:]
    return names if source in SOURCES else [source, *names]


def _unknown(request: HttpRequest, error: Any) -> HttpResponse:
    """Ask for what this site takes: a token, or a name and a password, or a log-in."""
    kinds = callers.authentication()
    if any(isinstance(one, HttpBearer) for one in kinds):
        said, challenge = _("Send a valid token as “Authorization: Bearer …”."), "Bearer"
    elif any(isinstance(one, HttpBasicAuth) for one in kinds):
        said, challenge = _("Send a name and a password that fit (HTTP Basic)."), "Basic"
    else:
        return problem(401, "not_authenticated", _("Log in first."))
    headers = {"WWW-Authenticate": f'{challenge} realm="waybill"'}
    return problem(401, "not_authenticated", said, headers)


def _http(request: HttpRequest, error: Any) -> HttpResponse:
    refused = error.status_code == 403 and "csrf" in str(error).lower()
    user = getattr(request, "user", None)
    if refused and (user is None or not user.is_authenticated):
        # It is not the form that is wrong: there is no session that one could forge.
        return _unknown(request, error)
    code = {400: "invalid_request", 403: "not_allowed"}.get(error.status_code, "error")
    return problem(error.status_code, code, str(error), field="body")


def too_large() -> HttpResponse:
    """Refuse a body for its length."""
    return problem(413, "too_large", _("The body is too large."), field="body")


def _not_found(request: HttpRequest, error: Any) -> HttpResponse:
    return nothing(request)


def no_such_part(headers: Mapping[str, str]) -> HttpResponse:
    """Refuse a range of bytes; the headers tell how many there are."""
    detail = _("The file does not have these bytes.")
    return problem(416, "range_not_satisfiable", detail, headers, field="Range")


def _too_big(request: HttpRequest, error: Any) -> HttpResponse:
    return too_large()


def _no_database(request: HttpRequest, error: Any) -> HttpResponse:
    gone = errors.SourceGone()
    logger.warning("api call without database error=%s", type(error).__name__)
    detail = _("The database does not answer. Please try again later.")
    return problem(503, gone.code, detail, {"Retry-After": "60"})


def _unforeseen(request: HttpRequest, error: Any) -> HttpResponse:
    # Where it happened, not what it said: a database's message may hold a row's values.
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = " ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
    logger.error("api call failed error=%s at=%s", type(error).__name__, places)
    return problem(500, "error", _("Something went wrong on our side."))
