"""Assets in Django's admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from desk.assets import actions
from desk.assets.models import (
    Asset,
    AssetChange,
    AssetStatus,
    AssetType,
    Location,
    Manufacturer,
)
from desk.operators import HistoryAdmin, OperatorAdmin, operator

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
class AssetAdmin(OperatorAdmin):
    """Assets; changes go the same way as on the staff pages, history included."""

    list_display = ["asset_tag", "name", "status", "location", "assigned_to", "deleted_at"]
    list_select_related = ["status", "location", "assigned_to"]
    search_fields = ["asset_tag", "name"]
    raw_id_fields = ["assigned_to"]
    fields = actions.FIELDS

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Make or edit by the actions."""
        by = operator(request)
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        saved = actions.edit(obj, values, by=by) if change else actions.create(values, by=by)
        obj.pk = saved.pk

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Name what leaves the lists: nothing that hangs on it is deleted with it."""
        return [str(one) for one in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Take it out of the lists, as everywhere."""
        actions.delete(obj, by=operator(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Take all of them out of the lists."""
        for asset in queryset:
            actions.delete(asset, by=operator(request))


@admin.register(AssetChange)
class AssetChangeAdmin(HistoryAdmin):
    """Who changed what of an asset."""

    list_display = ["at", "asset", "actor", "field", "old", "new"]
    list_select_related = ["asset", "actor"]
