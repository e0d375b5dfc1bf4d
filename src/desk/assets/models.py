"""Assets: the things the desk looks after."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from desk.lists.search import words_index
from desk.naming import Named, Ranked

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


class AssetQuerySet(models.QuerySet["Asset"]):
    """Assets, narrowed by who asks and as of when."""

    def current(self) -> Self:
        """Leave out deleted assets."""
        return self.filter(deleted_at__isnull=True)

    def as_of(self, at: datetime) -> Self:
        """Keep the assets that existed, undeleted, at that time."""
        existed = self.filter(created_at__lte=at)
        return existed.filter(Q(deleted_at__isnull=True) | Q(deleted_at__gt=at))

    def gone(self) -> Self:
        """Keep deleted assets only."""
        return self.filter(deleted_at__isnull=False)

    def in_reach_of(self, user: "User | None") -> Self:
        """Keep what the person may open, deleted assets too: all staff reach all assets."""
        return self if user is None or user.is_active else self.none()

    def visible_to(self, user: "User | None", *, at: datetime | None = None) -> Self:
        """Keep what the person may list."""
        rows = self.current() if at is None else self.as_of(at)
        return rows.in_reach_of(user)


class Asset(models.Model):
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
    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("updated"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)
    source = models.CharField(_("loaded from"), max_length=100, blank=True, editable=False)
    external_id = models.CharField(
        _("id there"), max_length=200, null=True, blank=True, editable=False
    )

    objects = AssetQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
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
        constraints = [
            models.UniqueConstraint(
                fields=("source", "external_id"),
                name="assets_asset_loaded_once",
                condition=models.Q(external_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asset_tag} {self.name}"


class AssetChange(models.Model):
    """One line of an asset's history: who changed which field from what to what."""

    asset = models.ForeignKey(Asset, models.CASCADE, related_name="changes")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(_("when"), db_default=Now())
    field = models.CharField(_("field"), max_length=60)
    old = models.TextField(_("before"), null=True)
    new = models.TextField(_("after"), null=True)

    class Meta:
        ordering = ("at", "pk")
        verbose_name = _("change of an asset")
        verbose_name_plural = _("changes of assets")

    def __str__(self) -> str:
        return f"{self.asset_id}: {self.field}"
