"""The list of tickets, and changes to many of them at once."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from desk.people import queries as people
from desk.people.rights import Right
from desk.staff.access import staff_only
from desk.staff.bulk import Change, change_selected
from desk.staff.columns import list_columns
from desk.staff.listpage import Kind
from desk.staff.lists import show_deleted, show_list
from desk.tickets import bulk as actions
from desk.tickets import lists, queries
from desk.tickets.forms import BulkForm

__all__ = ["DELETED", "KIND", "bulk", "deleted", "listing", "noun"]

LABELS = {
    "ticket_code": gettext_lazy("Code"),
    "subject": gettext_lazy("Subject"),
    "status": gettext_lazy("Status"),
    "priority": gettext_lazy("Priority"),
    "type": gettext_lazy("Type"),
    "assigned_to": gettext_lazy("Assigned to"),
    "created_by": gettext_lazy("Created by"),
    "team": gettext_lazy("Team"),
    "contact": gettext_lazy("Contact"),
    "tags": gettext_lazy("Tags"),
    "due_date": gettext_lazy("Due"),
    "created_at": gettext_lazy("Created"),
    "updated_at": gettext_lazy("Updated"),
    "deleted_at": gettext_lazy("Deleted"),
}


def noun(number: int) -> str:
    """Say ticket or tickets."""
    return ngettext("ticket", "tickets", number)


KIND = Kind(
    subject="tickets",
    listing=lists.TICKETS,
    columns=list_columns("tickets", lists.COLUMNS, LABELS, lists.TICKETS.sorts),
    default_columns=lists.DEFAULT_COLUMNS,
    everything=gettext_lazy("All tickets"),
    search_label=gettext_lazy("Search tickets"),
    noun=noun,
    export_right=Right.IMPORT_EXPORT_TICKETS,
)

GONE = ("ticket_code", "subject", "status", "assigned_to", "deleted_at")
DELETED = replace(
    KIND,
    listing=lists.DELETED,
    columns=list_columns("tickets", (*lists.COLUMNS, "deleted_at"), LABELS, lists.DELETED.sorts),
    default_columns=GONE,
    everything=gettext_lazy("Deleted tickets"),
    search_label=gettext_lazy("Search deleted tickets"),
    export_right="",
)

CHANGES: dict[str, Change] = {
    "status": actions.set_status,
    "priority": actions.set_priority,
    "assigned_to": actions.assign,
}


@staff_only
def listing(request: HttpRequest) -> HttpResponseBase:
    """Show a page of tickets."""
    choices = {
        "statuses": queries.statuses(),
        "priorities": queries.priorities(),
        "people": people.assignable(),
        "bulk_url": reverse("tickets:bulk"),
    }
    return show_list(request, KIND, "tickets/list.html", choices)


@staff_only
def deleted(request: HttpRequest) -> HttpResponseBase:
    """Show a page of deleted tickets, from where they are restored."""
    return show_deleted(request, DELETED)


@require_POST
@staff_only
def bulk(request: HttpRequest) -> HttpResponseBase:
    """Change the selected tickets, and come back to the list."""
    return change_selected(request, BulkForm(request.POST), CHANGES, _changed, home="tickets:list")


def _changed(number: int) -> str:
    return ngettext("%d ticket is changed.", "%d tickets are changed.", number) % number
