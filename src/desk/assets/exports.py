"""What can be exported of assets, and by whom."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from desk.assets import lists
from desk.assets.filters import AssetFilter
from desk.assets.models import Asset, AssetStatus
from desk.lists.sorts import by_rank
from desk.people.export_policy import StarterFetches
from desk.people.models import User
from desk.people.rights import Right
from desk.views.exports import saved_view
from desk.views.models import Subject
from waybill import Column, Export, register
from waybill.values import View

__all__ = ["AssetExport"]

PERSON = {"id": "id", "name": "display_name"}


@register
class AssetExport(Export):
    """Assets as their list shows them, one row each."""

    name = "assets"
    title = _("Assets")
    model = Asset
    policy = StarterFetches(Right.EXPORT_ASSETS)
    filters = AssetFilter
    search = ["asset_tag", "name", "serial_number"]
    retention = timedelta(days=30)
    created_field, deleted_field = "created_at", "deleted_at"
    columns = [
        Column("id", label=_("ID")),
        Column("name", label=_("Name")),
        Column("asset_tag", label=_("Asset tag")),
        Column("serial_number", label=_("Serial number")),
        Column(
            "status",
            path="status__name",
            nested=("id", "name"),
            sort=by_rank("status"),
            tones=lambda: dict(AssetStatus.objects.values_list("name", "tone")),
            counted=True,
            label=_("Status"),
        ),
        Column("location", path="location__name", nested=("id", "name"), label=_("Location")),
        Column(
            "assigned_to", path="assigned_to__display_name", nested=PERSON, label=_("Assigned to")
        ),
        Column(
            "manufacturer",
            path="manufacturer__name",
            nested=("id", "name"),
            label=_("Manufacturer"),
        ),
        Column("asset_type", path="asset_type__name", nested=("id", "name"), label=_("Type")),
        Column("purchase_date", label=_("Purchased")),
        Column("warranty_expiry_date", label=_("Warranty until")),
        Column("created_at", label=_("Created")),
        Column("updated_at", label=_("Updated")),
        Column("status_id", label=_("Status ID"), extra=True),
        Column("location_id", label=_("Location ID"), extra=True),
        Column("assigned_to_id", label=_("Assigned to, ID"), extra=True),
        Column("manufacturer_id", label=_("Manufacturer ID"), extra=True),
        Column("asset_type_id", label=_("Type ID"), extra=True),
        Column("source", label=_("Loaded from"), extra=True),
        Column("external_id", label=_("ID there"), extra=True),
    ]

    def rows(self, user: User | None, at: datetime) -> QuerySet[Asset]:
        """Give all assets to all staff; the fields above say what was there at the time."""
        return Asset.objects.in_reach_of(user)

    def find(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Search as the list does."""
        return lists.find(rows, text)

    def view(self, name: str, user: Any) -> View:
        """Start from a saved view of assets."""
        default = lists.ASSETS.default_sort
        return saved_view(Subject.ASSETS, name, user, default_sort=default)
