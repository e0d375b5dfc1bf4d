"""The list of assets."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from desk.assets import bulk as actions
from desk.assets import lists, queries
from desk.assets.forms import BulkForm
from desk.people import queries as people
from desk.people.rights import Right
from desk.staff.access import staff_only
from desk.staff.bulk import Change, change_selected
from desk.staff.columns import list_columns
from desk.staff.listpage import Kind
from desk.staff.lists import show_deleted, show_list

__all__ = ["DELETED", "KIND", "bulk", "deleted", "listing", "noun"]

LABELS = {
    "asset_tag": _("Tag"),
    "name": _("Name"),
    "serial_number": _("Serial number"),
    "status": _("Status"),
    "location": _("Location"),
    "assigned_to": _("Assigned to"),
    "manufacturer": _("Manufacturer"),
    "asset_type": _("Type"),
    "purchase_date": _("Purchased"),
    "warranty_expiry_date": _("Warranty until"),
    "created_at": _("Created"),
    "updated_at": _("Updated"),
    "deleted_at": _("Deleted"),
}


def noun(number: int) -> str:
    """Say asset or assets."""
    return ngettext("asset", "assets", number)


KIND = Kind(
    subject="assets",
    listing=lists.ASSETS,
    columns=list_columns("assets", lists.COLUMNS, LABELS, lists.ASSETS.sorts),
    default_columns=lists.DEFAULT_COLUMNS,
    everything=_("Every asset"),
    search_label=_("Search assets"),
    noun=noun,
    export_right=Right.EXPORT_ASSETS,
)

GONE = ("asset_tag", "name", "status", "location", "deleted_at")
DELETED = replace(
    KIND,
    listing=lists.DELETED,
    columns=list_columns("assets", (*lists.COLUMNS, "deleted_at"), LABELS, lists.DELETED.sorts),
    default_columns=GONE,
    everything=_("Deleted assets"),
    search_label=_("Search deleted assets"),
    export_right="",
)

CHANGES: dict[str, Change] = {
    "status": actions.set_status,
    "location": actions.move,
    "assigned_to": actions.assign,
}


@staff_only
def listing(request: HttpRequest) -> HttpResponseBase:
    """Show a page of assets."""
    choices = {
        "statuses": queries.statuses(),
        "locations": queries.locations(),
        "people": people.assignable(),
        "bulk_url": reverse("assets:bulk"),
    }
    return show_list(request, KIND, "assets/list.html", choices)


@staff_only
def deleted(request: HttpRequest) -> HttpResponseBase:
    """Show a page of deleted assets, from where they are restored."""
    return show_deleted(request, DELETED)


@require_POST
@staff_only
def bulk(request: HttpRequest) -> HttpResponseBase:
    """Change the selected assets, and come back to the list."""
    return change_selected(request, BulkForm(request.POST), CHANGES, _changed, home="assets:list")


def _changed(number: int) -> str:
    return ngettext("%d asset is changed.", "%d assets are changed.", number) % number
