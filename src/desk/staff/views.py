"""The way in, and the pages for what went wrong."""

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from desk.staff.access import staff_only

__all__ = ["bad_request", "home", "not_allowed", "not_found", "out_of_order", "too_old"]


@staff_only
def home(request: HttpRequest) -> HttpResponseBase:
    """Lead to the tickets."""
    return redirect("tickets:list")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the request could not be read."""
    return render(request, "desk/errors/400.html", status=400)


def not_allowed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the page exists but is not for this person."""
    return render(request, "desk/errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that nothing is there, or nothing that this person may see."""
    return render(request, "desk/errors/404.html", status=404)


def out_of_order(request: HttpRequest) -> HttpResponse:
    """Say that Desk made a mistake; the page stands on nothing that may be broken."""
    return render(None, "desk/errors/500.html", status=500)


def too_old(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that a form came without its token: an old page, or cookies that are off."""
    return render(request, "desk/errors/csrf.html", status=403)
