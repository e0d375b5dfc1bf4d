"""The log-in before a page."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate
from urllib.parse import urlsplit

from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

__all__ = ["log_in_first"]

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponseBase]

READING = frozenset({"GET", "HEAD"})


def log_in_first[**P](view: View[P]) -> View[P]:
    """Lead whoever is not logged in to the log-in, and from there to the page wanted.

    A form that was sent after the session ended wants the page it stood on: its own address may
    answer no browser that asks for it.
    """
    guarded = login_required(view)

    @wraps(view)
    def asked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if request.user.is_authenticated or request.method in READING:
            return guarded(request, *args, **kwargs)
        here = _came_from(request)
        return redirect_to_login(here, redirect_field_name=REDIRECT_FIELD_NAME if here else None)

    return asked


def _came_from(request: HttpRequest) -> str:
    """Give the page of this site that a form was sent from; empty where the browser does not say.

    After the log-in that leads to the usual start.
    """
    came = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came, {request.get_host()}, request.is_secure()):
        return ""
    parts = urlsplit(came)
    if not parts.netloc:
        return ""
    return parts._replace(scheme="", netloc="").geturl()
