"""What tickets and assets have in common: their times, where they came from, their history."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from desk.people.models import User

__all__ = ["HistoryLine", "Record", "RecordQuerySet"]


class RecordQuerySet[M: models.Model](models.QuerySet[M]):
    """Records, narrowed by who asks and as of when."""

    def current(self) -> Self:
        """Leave out deleted ones."""
        return self.filter(deleted_at__isnull=True)

    def as_of(self, at: datetime) -> Self:
        """Keep those that existed, undeleted, at that time."""
        existed = self.filter(created_at__lte=at)
        return existed.filter(Q(deleted_at__isnull=True) | Q(deleted_at__gt=at))

    def gone(self) -> Self:
        """Keep deleted ones only."""
        return self.filter(deleted_at__isnull=False)

    def in_reach_of(self, user: "User | None") -> Self:
        """Keep what the person may open, deleted ones too; None is the system, which sees all."""
        raise NotImplementedError

    def visible_to(self, user: "User | None", *, at: datetime | None = None) -> Self:
        """Keep what the person may list."""
        rows = self.current() if at is None else self.as_of(at)
        return rows.in_reach_of(user)


class Record(models.Model):
    """Something that is kept for good: who deletes it hides it, and it can be restored."""

    created_at = models.DateTimeField(_("created"), db_default=Now())
    updated_at = models.DateTimeField(_("updated"), null=True, blank=True)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)
    source = models.CharField(_("loaded from"), max_length=100, blank=True, editable=False)
    external_id = models.CharField(
        _("id there"), max_length=200, null=True, blank=True, editable=False
    )

    class Meta:
        abstract = True
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=("source", "external_id"),
                name="%(app_label)s_%(class)s_loaded_once",
                condition=models.Q(external_id__isnull=False),
            ),
        ]


class HistoryLine(models.Model):
    """One line of a record's history: who changed which field from what to what."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField(_("when"), db_default=Now())
    field = models.CharField(_("field"), max_length=60)
    old = models.TextField(_("before"), null=True)
    new = models.TextField(_("after"), null=True)

    class Meta:
        abstract = True
        ordering = ("at", "pk")
