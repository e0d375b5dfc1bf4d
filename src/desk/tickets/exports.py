"""What can be exported of tickets, and by whom."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from desk.lists.sorts import by_rank
from desk.people.export_policy import AdministratorsFetch
from desk.people.models import User
from desk.people.rights import Right
from desk.tickets import lists
from desk.tickets.filters import TicketFilter
from desk.tickets.models import Comment, Priority, Status, Ticket
from desk.views.exports import saved_view
from desk.views.models import Subject
from waybill import Column, Export, register
from waybill.values import View

__all__ = ["CommentExport", "TicketExport", "tones_of"]

POLICY = AdministratorsFetch(Right.IMPORT_EXPORT_TICKETS)
PERSON = {"id": "id", "name": "display_name"}


def tones_of(model: type[Status | Priority]) -> Callable[[], dict[str, str]]:
    """Give what reads the colours of the names of a kind of row."""
    return lambda: dict(model.objects.values_list("name", "tone"))


class CommentExport(Export):
    """The conversation of the exported tickets, internal notes included."""

    name = "comments"
    title = _("Comments")
    model = Comment
    policy = POLICY
    parent = "ticket"
    created_field = "created_at"
    ordering = ("created_at",)
    columns = [
        Column("id", label=_("ID")),
        Column("ticket_id", label=_("Ticket ID")),
        Column("ticket_code", path="ticket__ticket_code", label=_("Ticket")),
        Column("author", path="author__display_name", nested=PERSON, label=_("Author")),
        Column("created_at", label=_("Written")),
        Column("is_internal", label=_("Internal note")),
        Column("body", label=_("Text")),
    ]


@register
class TicketExport(Export):
    """Tickets as their list shows them, one row each."""

    name = "tickets"
    title = _("Tickets")
    model = Ticket
    policy = POLICY
    filters = TicketFilter
    search = ["ticket_code", "subject", "description"]
    retention = timedelta(hours=72)
    children = [CommentExport]
    created_field, deleted_field = "created_at", "deleted_at"
    columns = [
        Column("id", label=_("ID")),
        Column("ticket_code", label=_("Code")),
        Column("subject", label=_("Subject")),
        Column("description", label=_("Description")),
        Column(
            "status",
            path="status__name",
            nested=("id", "name"),
            sort=by_rank("status"),
            tones=tones_of(Status),
            counted=True,
            label=_("Status"),
        ),
        Column(
            "priority",
            path="priority__name",
            nested=("id", "name"),
            sort=by_rank("priority"),
            tones=tones_of(Priority),
            counted=True,
            label=_("Priority"),
        ),
        Column("type", path="type__name", nested=("id", "name"), label=_("Type")),
        Column(
            "assigned_to",
            path="assigned_to__display_name",
            nested=PERSON,
            label=_("Assigned to"),
        ),
        Column("created_by", path="created_by__display_name", nested=PERSON, label=_("Created by")),
        Column("is_open", label=_("Open")),
        Column("is_resolved", label=_("Resolved")),
        Column("created_at", label=_("Created")),
        Column("due_date", label=_("Due")),
        Column("updated_at", label=_("Updated")),
        Column("status_id", label=_("Status ID"), extra=True),
        Column("priority_id", label=_("Priority ID"), extra=True),
        Column("type_id", label=_("Type ID"), extra=True),
        Column("assigned_to_id", label=_("Assigned to, ID"), extra=True),
        Column("created_by_id", label=_("Created by, ID"), extra=True),
        Column("team", path="team__name", nested=("id", "name"), label=_("Team"), extra=True),
        Column("team_id", label=_("Team ID"), extra=True),
        Column(
            "contact", path="contact__name", nested=("id", "name"), label=_("Contact"), extra=True
        ),
        Column("contact_id", label=_("Contact ID"), extra=True),
        Column(
            "contact_email",
            path="contact__email",
            label=_("Contact, e-mail"),
            requires=Right.SEE_CONTACTS,
            otherwise="mask",
            extra=True,
        ),
        Column(
            "contact_phone",
            path="contact__phone",
            label=_("Contact, telephone"),
            requires=Right.SEE_CONTACTS,
            otherwise="mask",
            extra=True,
        ),
        Column("tags", path="tags__name", label=_("Tags"), extra=True),
        Column("source", label=_("Loaded from"), extra=True),
        Column("external_id", label=_("ID there"), extra=True),
    ]

    def rows(self, user: User | None, at: datetime) -> QuerySet[Ticket]:
        """Give what the person may open; the fields above say what was there at the time."""
        return Ticket.objects.in_reach_of(user)

    def find(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Search as the list does."""
        return lists.find(rows, text)

    def view(self, name: str, user: Any) -> View:
        """Start from a saved view of tickets."""
        default = lists.TICKETS.default_sort
        return saved_view(Subject.TICKETS, name, user, default_sort=default)
