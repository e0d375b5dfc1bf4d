"""The filters of asset lists: one set for pages, saved views, the API and exports (D4)."""

from typing import Any

import django_filters as filters
from django.utils.translation import gettext_lazy as _

from desk.assets.models import Asset, AssetStatus, AssetType, Location, Manufacturer
from desk.people.models import User

__all__ = ["AssetFilter"]


class AssetFilter(filters.FilterSet):
    """Declared names; of each, a list of values means any of them."""

    status_id = filters.ModelChoiceFilter(queryset=AssetStatus.objects.all(), label=_("Status"))
    location_id = filters.ModelChoiceFilter(queryset=Location.objects.all(), label=_("Location"))
    assigned_to = filters.ModelChoiceFilter(queryset=User.objects.all(), label=_("Assigned to"))
    unassigned = filters.BooleanFilter("assigned_to", "isnull", label=_("Unassigned"))
    manufacturer_id = filters.ModelChoiceFilter(
        queryset=Manufacturer.objects.all(), label=_("Manufacturer")
    )
    asset_type_id = filters.ModelChoiceFilter(queryset=AssetType.objects.all(), label=_("Type"))
    purchased_from = filters.DateFilter("purchase_date", "gte", label=_("Purchased from"))
    purchased_to = filters.DateFilter("purchase_date", "lte", label=_("Purchased until"))
    warranty_from = filters.DateFilter("warranty_expiry_date", "gte", label=_("Warranty from"))
    warranty_to = filters.DateFilter("warranty_expiry_date", "lte", label=_("Warranty until"))
    created_from = filters.IsoDateTimeFilter("created_at", "gte", label=_("Created from"))
    created_to = filters.IsoDateTimeFilter("created_at", "lte", label=_("Created until"))

    class Meta:
        model = Asset
        fields: tuple[Any, ...] = ()
