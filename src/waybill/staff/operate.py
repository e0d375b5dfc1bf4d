"""The page of those who run the site: queue, workers, throughput, failures, disk, notices."""

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import date, timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import formats, timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from waybill.declare.policy import Person
from waybill.jobs import outbox, overview, presence, queries, trail
from waybill.jobs.overview import Day
from waybill.models import ExportJob, Worker
from waybill.shortid import to_short
from waybill.staff.access import page, person, title_of
from waybill.staff.charts import bars
from waybill.tell.news import FORMATS

__all__ = ["figures", "notice_again", "now", "operations"]

DAYS = 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """An export that runs; `name` is empty for one that is not the reader's to see."""

    job: ExportJob
    name: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doing:
    """A worker and what it does: a process of several threads runs several exports."""

    worker: str
    here: Worker | None
    exports: Sequence[Running]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart and the same as a table: a row a day, a column a format."""

    title: str
    chart: SafeString
    columns: Sequence[str]
    rows: Sequence[tuple[date, Sequence[int]]]


def operators_only(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Refuse whoever does not run the site."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not trail.administers(person(request)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return page(guarded)


@require_GET
@operators_only
def operations(request: HttpRequest) -> HttpResponse:
    """Show everything."""
    context = {**_now(person(request)), **_figures()}
    return render(request, "waybill/operations.html", context)


@require_GET
@operators_only
def now(request: HttpRequest) -> HttpResponse:
    """Give the part that changes all the time."""
    return render(request, "waybill/parts/operations_now.html", _now(person(request)))


@require_GET
@operators_only
def figures(request: HttpRequest) -> HttpResponse:
    """Give the charts."""
    return render(request, "waybill/parts/operations_figures.html", _figures())


@require_POST
@operators_only
def notice_again(request: HttpRequest) -> HttpResponseBase:
    """Have a notice that was given up or refused sent again."""
    number = request.POST.get("notice", "")
    if number.isdecimal() and len(number) < 19 and outbox.try_again(int(number)):
        messages.success(request, _("The mail will be tried again."))
    return redirect("waybill:operations")


def _now(by: Person) -> dict[str, Any]:
    exports, rows = overview.throughput()
    disk = overview.disk()
    return {
        "queue": overview.queue(),
        "workers": list(_doing(by)),
        "exports": exports,
        "rows": rows,
        "disk": disk,
        "share": min(100, 100 * disk.bytes // disk.quota) if disk.quota else None,
        "expiring": [(job, *_named(job)) for job in overview.expiring(queries.visible(by))],
        "failures": overview.failures(),
        "undelivered": overview.undelivered(),
    }


def _doing(by: Person) -> Iterator[Doing]:
    """Yield the workers that are there, and those that run something and do not say so."""
    jobs = overview.running()
    seen = {one.name: one for one in presence.seen()}
    ids = [job.pk for job in jobs]
    known = set(queries.visible(by).filter(pk__in=ids).values_list("pk", flat=True))
    for worker in sorted(seen.keys() | {job.worker for job in jobs}):
        own = [_running(job, known) for job in jobs if job.worker == worker]
        yield Doing(worker=worker, here=seen.get(worker), exports=own)


def _running(job: ExportJob, known: Set[UUID]) -> Running:
    if job.pk not in known:
        return Running(job=job)
    name, title = _named(job)
    return Running(job=job, name=name, title=title)


def _named(job: ExportJob) -> tuple[str, str]:
    return to_short(job.pk), title_of(job.resource)


def _figures() -> dict[str, Any]:
    found = overview.daily(DAYS)
    today = timezone.localdate()
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    return {
        "figures": [
            _figure(_("Exports by day"), days, found, lambda one: one.exports),
            _figure(_("Rows by day"), days, found, lambda one: one.rows),
        ]
    }


def _figure(
    title: str, days: Sequence[date], found: Sequence[Day], value: Callable[[Day], int]
) -> Figure:
    counts = {(one.day, one.format): value(one) for one in found}
    kinds = sorted({one.format for one in found}, key=str)
    series = {
        FORMATS.get(kind, kind): [counts.get((day, kind), 0) for day in days] for kind in kinds
    }
    labels = [formats.date_format(day, "j M") for day in days]
    rows = [(day, [series[name][place] for name in series]) for place, day in enumerate(days)]
    return Figure(
        title=title,
        chart=bars(labels, series) if series else SafeString(),
        columns=list(series),
        rows=[row for row in reversed(rows) if any(row[1])],
    )
