"""Who may open a staff page."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from desk.people.models import User
from waybill.staff.gate import log_in_first

__all__ = ["administrators_only", "person", "staff_only"]

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def staff_only[**P](view: View[P]) -> View[P]:
    """Lead whoever is not logged in to the log-in first."""
    return log_in_first(view)


def administrators_only[**P](view: View[P]) -> View[P]:
    """Refuse people who do not administer the desk."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        if not person(request).is_admin:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return log_in_first(guarded)


def person(request: HttpRequest) -> User:
    """Give the logged-in person of a request that only such a person can make.

    Raises PermissionDenied where nobody is logged in.
    """
    if isinstance(request.user, User):
        return request.user
    raise PermissionDenied
