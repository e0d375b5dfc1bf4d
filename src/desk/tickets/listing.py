"""The list of tickets, and changes to many of them at once."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from desk.people import queries as people
from desk.people.models import User
from desk.people.rights import Right
from desk.staff.access import person, staff_only
from desk.staff.columns import list_columns
from desk.staff.listpage import Kind
from desk.staff.lists import show_list
from desk.staff.saving import first_problem
from desk.tickets import bulk as actions
from desk.tickets import lists, queries
from desk.tickets.forms import NOBODY, BulkForm

__all__ = ["KIND", "bulk", "listing", "noun"]

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


@require_POST
@staff_only
def bulk(request: HttpRequest) -> HttpResponseBase:
    """Change the selected tickets, and come back to the list."""
    form = BulkForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose tickets, and what to change about them."))
        return _back(request)
    try:
        changed = _change(form, by=person(request))
    except ValidationError as error:
        messages.error(request, first_problem(error))
        return _back(request)
    said = ngettext("%d ticket is changed.", "%d tickets are changed.", changed) % changed
    messages.success(request, said)
    return _back(request)


def _change(form: BulkForm, *, by: User) -> int:
    """Apply what was chosen; gives how many tickets changed in any way."""
    data = form.cleaned_data
    chosen = data["selected"]
    changed = 0
    if data["status"]:
        changed = max(changed, actions.set_status(chosen, data["status"], by=by))
    if data["priority"]:
        changed = max(changed, actions.set_priority(chosen, data["priority"], by=by))
    if holder := data["assigned_to"]:
        one = None if holder == NOBODY else people.assignable().get(pk=holder)
        changed = max(changed, actions.assign(chosen, one, by=by))
    return changed


def _back(request: HttpRequest) -> HttpResponse:
    here = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(here, {request.get_host()}, request.is_secure())
    return redirect(here if safe and here.startswith("/") else "tickets:list")
