"""Assets in Django's admin."""

from django.contrib import admin

from desk.assets import actions
from desk.assets.models import (
    Asset,
    AssetChange,
    AssetStatus,
    AssetType,
    Location,
    Manufacturer,
)
from desk.operators import ActedAdmin, HistoryAdmin, OperatorAdmin

__all__ = ["AssetAdmin", "AssetChangeAdmin", "AssetStatusAdmin", "NamedAdmin"]


@admin.register(Location, Manufacturer, AssetType)
class NamedAdmin(OperatorAdmin):
    """What assets point at by name."""

    list_display = ["id", "name"]
    list_display_links = ["name"]
    search_fields = ["name"]


@admin.register(AssetStatus)
class AssetStatusAdmin(OperatorAdmin):
    """The states of assets, in their order."""

    list_display = ["name", "rank", "tone"]


@admin.register(Asset)
class AssetAdmin(ActedAdmin):
    """Assets; changes go the same way as on the staff pages, history included."""

    list_display = ["asset_tag", "name", "status", "location", "assigned_to", "deleted_at"]
    list_select_related = ["status", "location", "assigned_to"]
    search_fields = ["asset_tag", "name"]
    raw_id_fields = ["assigned_to"]
    fields = actions.FIELDS
    deeds = actions


@admin.register(AssetChange)
class AssetChangeAdmin(HistoryAdmin):
    """Who changed what of an asset."""

    list_display = ["at", "asset", "actor", "field", "old", "new"]
    list_select_related = ["asset", "actor"]
