"""Assets: the things the desk looks after."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from desk.lists.search import words_index
from desk.naming import Named, Ranked
from desk.records import HistoryLine, Record, RecordQuerySet

if TYPE_CHECKING:
    from desk.people.models import User

__all__ = [
    "Asset",
    "AssetChange",
    "AssetQuerySet",
    "AssetStatus",
    "AssetType",
    "Location",
    "Manufacturer",
]


class AssetStatus(Ranked):
    """A state an asset can be in."""

    class Meta(Ranked.Meta):
        verbose_name = _("asset status")
        verbose_name_plural = _("asset statuses")


class Location(Named):
    """A place where assets stand."""

    class Meta(Named.Meta):
        verbose_name = _("location")
        verbose_name_plural = _("locations")


class Manufacturer(Named):
    """Who made an asset."""

    class Meta(Named.Meta):
        verbose_name = _("manufacturer")
        verbose_name_plural = _("manufacturers")


class AssetType(Named):
    """What sort of thing an asset is."""

    class Meta(Named.Meta):
        verbose_name = _("asset type")
        verbose_name_plural = _("asset types")


class AssetQuerySet(RecordQuerySet["Asset"]):
    """Assets, narrowed by who asks and as of when."""

    def in_reach_of(self, user: "User | None") -> Self:
        """Keep what the person may open, deleted assets too: all staff reach all assets."""
        return self if user is None or user.is_active else self.none()


class Asset(Record):
    """One thing the desk looks after."""

    name = models.CharField(_("name"), max_length=300)
    asset_tag = models.CharField(_("asset tag"), max_length=100, unique=True)
    serial_number = models.CharField(_("serial number"), max_length=200, blank=True, null=True)
    status = models.ForeignKey(
        AssetStatus,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assets",
        verbose_name=_("status"),
    )
    location = models.ForeignKey(
        Location,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assets",
        verbose_name=_("location"),
    )
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="assets",
        verbose_name=_("assigned to"),
    )
    manufacturer = models.ForeignKey(
        Manufacturer,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assets",
        verbose_name=_("manufacturer"),
    )
    asset_type = models.ForeignKey(
        AssetType,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assets",
        verbose_name=_("asset type"),
    )
    purchase_date = models.DateField(_("purchased"), null=True, blank=True)
    warranty_expiry_date = models.DateField(_("warranty until"), null=True, blank=True)

    objects = AssetQuerySet.as_manager()

    class Meta(Record.Meta):
        verbose_name = _("asset")
        verbose_name_plural = _("assets")
        indexes = [
            words_index("assets_asset_words", "asset_tag", "name", "serial_number"),
            models.Index(
                fields=("deleted_at", "id"),
                name="assets_deleted",
                condition=Q(deleted_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset_tag} {self.name}"


class AssetChange(HistoryLine):
    """One line of an asset's history."""

    asset = models.ForeignKey(Asset, models.CASCADE, related_name="changes")

    class Meta(HistoryLine.Meta):
        verbose_name = _("change of an asset")
        verbose_name_plural = _("changes of assets")

    def __str__(self) -> str:
        return f"{self.asset_id}: {self.field}"
