"""The list of assets: a view or a search, its pages, and changes to many at once."""

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from desk.assets.models import Asset
from desk.staff import listing as lists
from desk.staff.access import person, staff_only
from desk.staff.columns import ListColumn
from desk.staff.listpage import ListPage, Total

__all__ = ["listing"]

LABELS = {
    "name": _("Name"),
    "asset_tag": _("Tag"),
    "asset_type": _("Type"),
    "manufacturer": _("Manufacturer"),
    "status": _("Status"),
    "location": _("Location"),
    "assigned_to": _("Assigned to"),
    "warranty_expiry_date": _("Warranty until"),
    "serial_number": _("Serial number"),
    "purchase_date": _("Purchased"),
    "created_at": _("Created"),
    "updated_at": _("Updated"),
}
DEFAULT = tuple(LABELS)[:8]
COLUMNS = {
    key: ListColumn(key=key, label=label, template=f"assets/cells/{key}.html")
    for key, label in LABELS.items()
}


@staff_only
def listing(request: HttpRequest) -> HttpResponseBase:
    """Show a page of assets."""
    rows = Asset.objects.visible_to(person(request)).select_related(
        "status", "location", "assigned_to", "manufacturer", "asset_type"
    )[:50]
    page = ListPage(
        subject="assets",
        title=_("Assets"),
        path=request.path,
        wanted=lists.read(request.GET, None),
        columns=COLUMNS,
        default_columns=DEFAULT,
        rows=list(rows),
        total=Total(number=len(rows)),
        noun=_("assets"),
    )
    return render(request, "assets/list.html", {"page": page})
