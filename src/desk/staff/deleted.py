"""What was deleted is read and restored, and changed in no other way."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect

from desk.staff.access import person

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

__all__ = ["unless_deleted"]

type View[**P] = Callable[Concatenate[HttpRequest, P], HttpResponseBase]


def unless_deleted[**P](
    model: type[Model], page: str, said: "StrOrPromise"
) -> Callable[[View[P]], View[P]]:
    """Lead back to the page of a deleted row, by its name, and say that it takes no change."""
    rows: Any = model._default_manager

    def decorate(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            pk: Any = kwargs["pk"]
            if not rows.gone().in_reach_of(person(request)).filter(pk=pk).exists():
                return view(request, *args, **kwargs)
            messages.error(request, said)
            return redirect(page, pk)

        return guarded

    return decorate
