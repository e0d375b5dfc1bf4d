"""What changes assets. Each writes its lines of history in the same transaction.

`by` is who does it; None is the system.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from desk import history
from desk.assets.models import Asset, AssetChange
from desk.history import Change
from desk.people.models import User

__all__ = ["create", "delete", "edit", "remember", "restore"]

FIELDS = (
    "name",
    "asset_tag",
    "serial_number",
    "status",
    "location",
    "assigned_to",
    "manufacturer",
    "asset_type",
    "purchase_date",
    "warranty_expiry_date",
)


@transaction.atomic
def create(values: Mapping[str, Any], *, by: User | None) -> Asset:
    """Make an asset from its fields."""
    asset = Asset(**history.known(values, FIELDS))
    history.check(asset, FIELDS)
    asset.save()
    remember([(asset, Change(field=history.CREATED))], by=by)
    return asset


@transaction.atomic
def edit(asset: Asset, values: Mapping[str, Any], *, by: User | None) -> Asset:
    """Change fields; what already is as wanted leaves no trace. Gives the asset as it is now."""
    asset = Asset.objects.select_for_update().get(pk=asset.pk)
    plain = history.known(values, FIELDS)
    changes = [*history.differences(asset, plain)]
    if not changes:
        return asset
    for name, value in plain.items():
        setattr(asset, name, value)
    history.check(asset, plain)
    asset.updated_at = Now()
    asset.save()
    remember([(asset, change) for change in changes], by=by)
    return asset


def delete(asset: Asset, *, by: User | None) -> Asset:
    """Take an asset out of every list; it can be restored."""
    return _set_deleted(asset, deleted=True, by=by)


def restore(asset: Asset, *, by: User | None) -> Asset:
    """Bring a deleted asset back."""
    return _set_deleted(asset, deleted=False, by=by)


@transaction.atomic
def _set_deleted(asset: Asset, *, deleted: bool, by: User | None) -> Asset:
    asset = Asset.objects.select_for_update().get(pk=asset.pk)
    if (asset.deleted_at is not None) == deleted:
        return asset
    asset.deleted_at = Now() if deleted else None
    asset.updated_at = Now()
    asset.save()
    remember([(asset, Change(field=history.DELETED if deleted else history.RESTORED))], by=by)
    return asset


def remember(changes: Iterable[tuple[Asset, Change]], *, by: User | None) -> None:
    """Write lines of history."""
    AssetChange.objects.bulk_create(
        AssetChange(asset=asset, actor=by, field=one.field, old=one.old, new=one.new)
        for asset, one in changes
    )
