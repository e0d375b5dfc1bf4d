"""The list of assets."""

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from desk.assets import lists
from desk.people.rights import Right
from desk.staff.access import staff_only
from desk.staff.columns import list_columns
from desk.staff.listpage import Kind
from desk.staff.lists import show_list

__all__ = ["KIND", "listing", "noun"]

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


@staff_only
def listing(request: HttpRequest) -> HttpResponseBase:
    """Show a page of assets."""
    return show_list(request, KIND, "assets/list.html", {})
