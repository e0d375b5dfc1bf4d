"""The same change to many selected assets."""

from collections.abc import Iterable
from typing import Any

from desk.assets.actions import remember
from desk.assets.models import Asset, AssetStatus, Location
from desk.bulk import set_on_many
from desk.people.models import User

__all__ = ["assign", "move", "set_status"]


def set_status(assets: Iterable[int], status: AssetStatus, *, by: User | None) -> set[int]:
    """Say the state of assets, given by id; gives those that changed."""
    return _set(assets, {"status": status}, by=by)


def assign(assets: Iterable[int], person: User | None, *, by: User | None) -> set[int]:
    """Give assets, given by id, to a person or to nobody; gives those that changed."""
    return _set(assets, {"assigned_to": person}, by=by)


def move(assets: Iterable[int], location: Location, *, by: User | None) -> set[int]:
    """Say where assets, given by id, stand; gives those that changed."""
    return _set(assets, {"location": location}, by=by)


def _set(assets: Iterable[int], values: dict[str, Any], *, by: User | None) -> set[int]:
    return set_on_many(Asset.objects.visible_to(by), assets, values, by=by, remember=remember)
