"""Lists of tickets: filters, search, sorts, pages and totals."""

from dataclasses import replace

from django.db.models import QuerySet
from django.db.models.functions import Left

from desk.lists.listing import Listing
from desk.lists.sorts import Sort
from desk.people.models import User
from desk.tickets.filters import TicketFilter
from desk.tickets.models import Ticket
from desk.tickets.search import find

__all__ = ["COLUMNS", "DEFAULT_COLUMNS", "DELETED", "TICKETS", "find"]

SORTS = {
    "ticket_code": Sort(field="ticket_code"),
    "status": Sort(field="status", ranked=True),
    "priority": Sort(field="priority", ranked=True),
    "created_at": Sort(field="created_at"),
    "due_date": Sort(field="due_date"),
    "updated_at": Sort(field="updated_at"),
}
COLUMNS = (
    "ticket_code",
    "subject",
    "status",
    "priority",
    "type",
    "assigned_to",
    "created_by",
    "team",
    "contact",
    "tags",
    "due_date",
    "created_at",
    "updated_at",
)
DEFAULT_COLUMNS = (
    "ticket_code",
    "subject",
    "status",
    "priority",
    "assigned_to",
    "due_date",
    "updated_at",
)
RELATED = ("status", "priority", "type", "assigned_to", "created_by", "team", "contact")
EXCERPT = 200  # characters of a description: it may hold 650 KB


def _gone(user: User | None) -> QuerySet[Ticket]:
    return Ticket.objects.gone().in_reach_of(user)


def _visible(user: User | None) -> QuerySet[Ticket]:
    return Ticket.objects.visible_to(user)


def _pinned(rows: QuerySet[Ticket], text: str) -> Ticket | None:
    return _shown(rows.filter(ticket_code__in={text, text.upper()})).first()


def _shown(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    rows = rows.select_related(*RELATED).prefetch_related("tags").defer("description")
    return rows.annotate(excerpt=Left("description", EXCERPT))


TICKETS = Listing[Ticket](
    filters=TicketFilter,
    sorts=SORTS,
    default_sort="-updated_at",
    visible=_visible,
    find=find,
    pinned=_pinned,
    shown=_shown,
)

DELETED = replace(
    TICKETS,
    visible=_gone,
    sorts={**SORTS, "deleted_at": Sort(field="deleted_at")},
    default_sort="-deleted_at",
)
