"""What every page of Desk does for whoever reads it: local times, and one log-in at a time."""

import zoneinfo
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import timezone

from desk.people.models import User

__all__ = ["LocalTimeMiddleware", "LogInAgainMiddleware"]


class LocalTimeMiddleware:
    """Turn on the logged-in person's time zone for the length of the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the person's zone on; an unknown zone is read as UTC."""
        if not isinstance(request.user, User):
            return self.get_response(request)
        with timezone.override(_zone(request.user.time_zone)):
            return self.get_response(request)


class LogInAgainMiddleware:
    """Show the log-in as a page, not inside the page whose part asked for something.

    htmx follows a redirect and puts what it finds into its target.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Keep the next handler."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Send the browser to the log-in that a part of a page was sent to.

        A link leads on to where it pointed; for a part of a page that is the page itself.
        """
        response = self.get_response(request)
        place = response.headers.get("Location", "")
        path = place.partition("?")[0]
        if not request.headers.get("HX-Request") or path != resolve_url(settings.LOGIN_URL):
            return response
        if request.headers.get("HX-Boosted") and request.method == "GET":
            return HttpResponse(status=204, headers={"HX-Redirect": place})
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        return zoneinfo.ZoneInfo("UTC")
