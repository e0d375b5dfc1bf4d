"""The log as an export: taken out with the engine's own means, by whoever may read it (L3)."""

from datetime import datetime
from typing import Any

import django_filters as filters
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from waybill import registry
from waybill.declare.columns import Column
from waybill.declare.exports import Export
from waybill.declare.policy import Person, Policy
from waybill.jobs import trail
from waybill.models import ExportLog

__all__ = ["LogExport", "LogFilter", "LogPolicy"]


class LogPolicy(Policy):
    """Whoever reads lines may take them out; an administrator sees that somebody did."""

    def can_start(self, user: Person, export: Export) -> bool:
        """Let those start who may read lines; the rows are theirs alone."""
        return trail.may_read(user)

    def can_see(self, user: Person, job: Any) -> bool:
        """Let the starter see, and every administrator."""
        return bool(job.requester_id == user.pk) or trail.administers(user)

    def can_download(self, user: Person, job: Any) -> bool:
        """Let only the starter fetch: another may read other lines."""
        return bool(job.requester_id == user.pk) and trail.may_read(user)


class LogFilter(filters.FilterSet):
    """The filters of the page of the log."""

    event = filters.CharFilter(label=_("Event"))
    resource = filters.CharFilter(label=_("Of"))
    actor = filters.CharFilter(lookup_expr="icontains", label=_("Who"))
    export = filters.UUIDFilter("job_id", label=_("Export"))
    created_from = filters.IsoDateTimeFilter("created_at", "gte", label=_("From"))
    created_to = filters.IsoDateTimeFilter("created_at", "lte", label=_("To"))

    class Meta:
        model = ExportLog
        fields: tuple[Any, ...] = ()


@registry.register
class LogExport(Export):
    """The lines that the person may read, with their seals."""

    name = "audit"
    title = _("Audit log")
    model = ExportLog
    filters = LogFilter
    policy = LogPolicy()
    ordering = ("-line",)
    created_field = "created_at"
    columns = [
        Column("line", path="site_seq", label=_("Line")),
        Column("created_at", label=_("Time")),
        Column("event", label=_("Event")),
        Column("resource", label=_("Of")),
        Column("export", path="job__id", label=_("Export")),
        Column("actor", label=_("Who")),
        Column("address", label=_("Address")),
        Column("message", label=_("Message")),
        Column("processed_items", label=_("Rows so far")),
        Column("current_batch", label=_("Batch")),
        Column("total_batches", label=_("Batches")),
        Column("duration_ms", label=_("Milliseconds")),
        Column("details", label=_("Details")),
        Column("seal", path="site_mac", label=_("Seal")),
    ]

    def rows(self, user: Any, at: datetime) -> QuerySet[ExportLog]:
        """Give the lines that the person may read."""
        return trail.lines(user)
