"""Lists of assets: filters, search, sorts, pages and totals."""

from dataclasses import replace

from django.db.models import QuerySet

from desk.assets.filters import AssetFilter
from desk.assets.models import Asset
from desk.lists import search
from desk.lists.listing import Listing
from desk.lists.sorts import Sort
from desk.people.models import User

__all__ = ["ASSETS", "COLUMNS", "DEFAULT_COLUMNS", "DELETED", "find"]

SORTS = {
    "name": Sort(field="name"),
    "asset_tag": Sort(field="asset_tag"),
    "status": Sort(field="status", ranked=True),
    "purchase_date": Sort(field="purchase_date"),
    "warranty_expiry_date": Sort(field="warranty_expiry_date"),
    "created_at": Sort(field="created_at"),
}
COLUMNS = (
    "asset_tag",
    "name",
    "serial_number",
    "status",
    "location",
    "assigned_to",
    "manufacturer",
    "asset_type",
    "purchase_date",
    "warranty_expiry_date",
    "created_at",
)
DEFAULT_COLUMNS = (
    "asset_tag",
    "name",
    "status",
    "location",
    "assigned_to",
    "manufacturer",
    "warranty_expiry_date",
)
SEARCHED = ("asset_tag", "name", "serial_number")
STEPS = 1_000  # the words of each asset are made from its texts when it is tested
RELATED = ("status", "location", "assigned_to", "manufacturer", "asset_type")


def find(rows: QuerySet[Asset], text: str) -> QuerySet[Asset]:
    """Keep the assets in whose tag, name or serial number every word stands."""
    words = search.Match(search.words_of(*SEARCHED), text)
    return rows.filter(words, search.runs_stand(SEARCHED, text))


def _gone(user: User | None) -> QuerySet[Asset]:
    return Asset.objects.gone().in_reach_of(user)


def _visible(user: User | None) -> QuerySet[Asset]:
    return Asset.objects.visible_to(user)


def _pinned(rows: QuerySet[Asset], text: str) -> Asset | None:
    return _shown(rows.filter(asset_tag__in={text, text.upper()})).first()


def _shown(rows: QuerySet[Asset]) -> QuerySet[Asset]:
    return rows.select_related(*RELATED)


ASSETS = Listing[Asset](
    filters=AssetFilter,
    sorts=SORTS,
    default_sort="name",
    visible=_visible,
    find=find,
    pinned=_pinned,
    shown=_shown,
    steps=STEPS,
)

DELETED = replace(
    ASSETS,
    visible=_gone,
    sorts={**SORTS, "deleted_at": Sort(field="deleted_at")},
    default_sort="-deleted_at",
)
