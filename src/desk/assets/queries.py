"""What pages read about single assets; lists are read through `desk.assets.lists`."""

from django.db.models import QuerySet

from desk.assets.models import Asset, AssetChange, AssetStatus, Location
from desk.people.models import User
from desk.tickets.models import Ticket

__all__ = ["changes", "locations", "one", "statuses", "tickets_of"]

RELATED = ("status", "location", "assigned_to", "manufacturer", "asset_type")


def one(user: User | None, pk: int) -> Asset:
    """Give an asset, deleted or not, with all that it points at; raises `Asset.DoesNotExist`."""
    rows = Asset.objects.in_reach_of(user).select_related(*RELATED)
    return rows.get(pk=pk)


def changes(asset: Asset) -> QuerySet[AssetChange]:
    """List the history of an asset, oldest first."""
    return asset.changes.select_related("actor")


def tickets_of(asset: Asset, user: User | None) -> QuerySet[Ticket]:
    """List the tickets that point at an asset and that the person may list, newest first."""
    rows = Ticket.objects.visible_to(user).filter(assets=asset)
    return rows.select_related("status", "assigned_to").order_by("-pk")


def statuses() -> QuerySet[AssetStatus]:
    """List the states an asset can be in."""
    return AssetStatus.objects.all()


def locations() -> QuerySet[Location]:
    """List where assets stand."""
    return Location.objects.all()
