"""The log as administrators read it: the lines of what they hold the right for, page by page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q

from waybill.declare.policy import Person
from waybill.jobs import database, queries
from waybill.models import ExportLog

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = [
    "PAGE",
    "Sought",
    "TrailPage",
    "administers",
    "events",
    "lines",
    "matching",
    "may_read",
    "page",
]

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What somebody looks for in the log; `before` is the line of the site that a page ends at."""

    event: str = ""
    resource: str = ""
    actor: str = ""
    export: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailPage:
    """Some lines, the newest first, and the line that the next page ends at."""

    lines: Sequence[ExportLog]
    older: int | None


def administers(by: Person) -> bool:
    """Say whether the person runs the site: they see what happened to rights and tokens."""
    return bool(by.is_active and getattr(by, "is_staff", False))


def may_read(by: Person) -> bool:
    """Say whether there are lines that the person may read beside those of their own exports."""
    return administers(by) or bool(queries.resources_seen(by))


def lines(by: Person | None) -> "QuerySet[ExportLog]":
    """Select the lines that a person may read; the system, None, reads all.

    Those are the lines of every resource whose exports they see, and for administrators the
    lines that are of no resource: changes of roles, people and tokens.
    """
    rows = ExportLog.objects.using(database.alias())
    if by is None:
        return rows
    mine = Q(resource__in=queries.resources_seen(by))
    if administers(by):
        mine |= Q(resource="")
    return rows.filter(mine)


def events() -> Iterator[str]:
    """Name every event there is in the log, each found by one step in the index."""
    last = ""
    rows = ExportLog.objects.using(database.alias()).order_by("event").values_list("event")
    while found := rows.filter(event__gt=last).first():
        last = found[0]
        yield last


def page(by: Person, sought: Sought) -> TrailPage:
    """Give a page of the log; it follows a line, so that page 2,000 costs what page 1 does."""
    found = list(matching(by, sought)[: PAGE + 1])
    older = found[PAGE - 1].site_seq if len(found) > PAGE else None
    return TrailPage(lines=found[:PAGE], older=older)


def matching(by: Person, sought: Sought) -> "QuerySet[ExportLog]":
    """Select what somebody looks for among the lines that they may read, the newest first."""
    rows = lines(by).filter(**_exact(sought))
    if sought.actor:
        rows = rows.filter(actor__icontains=sought.actor)
    return rows.order_by("-site_seq")


def _exact(sought: Sought) -> dict[str, Any]:
    wanted = {
        "event": sought.event,
        "resource": sought.resource,
        "job": sought.export,
        "created_at__gte": sought.since,
        "created_at__lt": sought.until,
        "site_seq__lt": sought.before,
    }
    return {name: value for name, value in wanted.items() if value not in {"", None}}
