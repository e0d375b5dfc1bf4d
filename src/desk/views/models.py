"""Saved views: filters, search, sort and columns that people come back to."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

__all__ = ["SavedView", "Subject"]


class Subject(models.TextChoices):
    """What a view lists."""

    TICKETS = "tickets", _("Tickets")
    ASSETS = "assets", _("Assets")


class SavedView(models.Model):
    """A list that somebody keeps: their own, shared, or one of the default set.

    `filters` is the flat form of every list, `{name: value or list}`; relative values such as
    `@me` stay as written and are resolved when the view is opened. A view without an owner
    belongs to the default set and is shared. `labels` are headings of its exports, by column.
    """

    subject = models.CharField(_("lists"), max_length=10, choices=Subject)
    name = models.CharField(_("name"), max_length=100)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="views"
    )
    is_shared = models.BooleanField(_("shared with everybody"), default=False)
    filters = models.JSONField(_("filters"), default=dict, blank=True)
    search = models.CharField(_("search"), max_length=200, blank=True)
    sort = models.CharField(_("sort"), max_length=60, blank=True)
    columns = models.JSONField(_("columns"), default=list, blank=True)
    labels = models.JSONField(_("headings in exports"), default=dict, db_default={}, blank=True)
    position = models.SmallIntegerField(_("place in the menu"), default=100)
    updated_at = models.DateTimeField(_("changed"), db_default=Now())

    class Meta:
        ordering = ("position", "name", "pk")
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        constraints = [
            models.UniqueConstraint(
                fields=("subject", "owner", "name"),
                name="views_savedview_name_once",
                nulls_distinct=False,
                violation_error_message=_("You already have a view of this name."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
