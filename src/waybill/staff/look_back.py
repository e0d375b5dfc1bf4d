"""The history of exports, and how many wait to be fetched."""

from datetime import date, datetime, time, timedelta
from itertools import islice

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from waybill import registry
from waybill.jobs import past, queries
from waybill.jobs.past import Looked
from waybill.shortid import to_short
from waybill.staff import news
from waybill.staff.access import STOP_POLLING, logged_out, page, person, title_of
from waybill.staff.standing import FORMATS, standing
from waybill.states import Status

__all__ = ["badge", "day", "history"]

MOST = 100  # what a badge counts to
LOOKED_AT = 500  # a few of those may hold columns that the person may no longer see


@page
@require_GET
def history(request: HttpRequest) -> HttpResponseBase:
    """Show the exports that the person may know of."""
    by, looked = person(request), _looked(request.GET)
    found = past.page(by, looked)
    context = {
        "rows": [standing(job, by, fetched=found.fetched.get(job.pk)) for job in found.jobs],
        "looked": looked,
        "newer": to_short(found.jobs[0].pk) if found.newer and found.jobs else "",
        "older": to_short(found.jobs[-1].pk) if found.older and found.jobs else "",
        "statuses": Status.choices,
        "resources": [(name, title_of(name)) for name in registry.names()],
        "formats": FORMATS.items(),
        "sees_all": bool(queries.resources_seen(by)),
        "asked": request.GET,
    }
    return render(request, "waybill/history.html", context)


@require_GET
def badge(request: HttpRequest) -> HttpResponseBase:
    """Give the number of exports that wait to be fetched.

    After the log-out there is none, and no more is asked for: what somebody is writing on a page
    that shows the badge stays there.
    """
    if logged_out(request):
        return HttpResponse(status=STOP_POLLING)
    return _badge(request)


@page
def _badge(request: HttpRequest) -> HttpResponse:
    by = person(request)
    theirs = (job for job in past.unfetched(by)[:LOOKED_AT] if queries.may_download(job, by=by))
    waiting = [*islice(theirs, MOST)]
    fresh = [standing(job, by) for job in news.untold(request, by)]
    context = {"waiting": len(waiting), "most": MOST, "fresh": fresh}
    return render(request, "waybill/parts/badge.html", context)


def _looked(asked: QueryDict) -> Looked:
    """Read the filters; what does not parse is left out and stands empty in the form."""
    sort = asked.get("sort", "")
    return Looked(
        status=_among(asked.get("status", ""), Status.values),
        resource=_among(asked.get("resource", ""), registry.names()),
        format=_among(asked.get("format", ""), FORMATS),
        text=asked.get("search", "")[:200].replace("\x00", ""),
        mine="mine" in asked,
        since=day(asked.get("from", "")),
        until=day(asked.get("to", ""), after=1),
        sort=sort if sort.removeprefix("-") in past.SORTS else "-requested",
        after=asked.get("after", ""),
        before=asked.get("before", ""),
    )


def _among(value: str, known: object) -> str:
    return value if value in known else ""  # type: ignore[operator]


def day(text: str, after: int = 0) -> datetime | None:
    """Give the first moment of a written day, or of one so many days after; None for no day."""
    try:
        found: date | None = parse_date(text)
    except ValueError:
        found = None
    if found is None or found.year > 9000:
        return None
    return timezone.make_aware(datetime.combine(found + timedelta(days=after), time.min))
