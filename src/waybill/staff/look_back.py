"""The history of exports, and how many wait to be fetched."""

from datetime import date, datetime, time, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET

from waybill import registry
from waybill.jobs import past, queries
from waybill.jobs.past import PAGE, Looked
from waybill.staff.access import page, person, title_of
from waybill.staff.standing import FORMATS, standing
from waybill.states import Status

__all__ = ["badge", "history"]

POLL_SECONDS = 15  # how often an open page of the host asks; older news was told before
FARTHEST = 100_000  # rows of the history that can be paged to


@page
@require_GET
def history(request: HttpRequest) -> HttpResponseBase:
    """Show the exports that the person may know of."""
    by, looked = person(request), _looked(request.GET)
    found = past.page(by, looked)
    context = {
        "rows": [standing(job, by, fetched=found.fetched.get(job.pk)) for job in found.jobs],
        "looked": looked,
        "newer": looked.start - PAGE if looked.start else None,
        "older": looked.start + PAGE if found.more else None,
        "statuses": Status.choices,
        "resources": [(name, title_of(name)) for name in registry.names()],
        "formats": FORMATS.items(),
        "sees_all": bool(queries.resources_seen(by)),
        "asked": request.GET,
    }
    return render(request, "waybill/history.html", context)


@page
@require_GET
def badge(request: HttpRequest) -> HttpResponse:
    """Give the number of exports that wait to be fetched."""
    by = person(request)
    waiting = [job for job in past.unfetched(by)[:PAGE] if queries.may_download(job, by=by)]
    edge = timezone.now() - timedelta(seconds=POLL_SECONDS)
    fresh = [standing(job, by) for job in waiting if job.completed_at and job.completed_at > edge]
    context = {"waiting": len(waiting), "fresh": [one for one in fresh if one.mine]}
    return render(request, "waybill/parts/badge.html", context)


def _looked(asked: QueryDict) -> Looked:
    """Read the filters; what does not parse is left out and stands empty in the form."""
    start = asked.get("start", "")
    sort = asked.get("sort", "")
    return Looked(
        status=_among(asked.get("status", ""), Status.values),
        resource=_among(asked.get("resource", ""), registry.names()),
        format=_among(asked.get("format", ""), FORMATS),
        text=asked.get("search", "")[:200].replace("\x00", ""),
        mine="mine" in asked,
        since=_day(asked.get("from", "")),
        until=_day(asked.get("to", ""), after=1),
        sort=sort if sort.removeprefix("-") in past.SORTS else "-requested",
        start=min(int(start), FARTHEST) if start.isdecimal() and len(start) < 9 else 0,
    )


def _among(value: str, known: object) -> str:
    return value if value in known else ""  # type: ignore[operator]


def _day(text: str, after: int = 0) -> datetime | None:
    try:
        day: date | None = parse_date(text)
    except ValueError:
        day = None
    if day is None or day.year > 9000:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=after), time.min))
