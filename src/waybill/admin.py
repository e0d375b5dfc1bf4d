"""Exports, their files and their log in Django's admin: to read and to search, never to change."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from waybill.declare.policy import Person
from waybill.jobs import queries, trail
from waybill.jobs.log import Actor
from waybill.models import (
    AcceptedStart,
    AuditHead,
    AuditVerdict,
    ExportFile,
    ExportJob,
    ExportLog,
    ExportPreset,
    LogTotals,
    Notice,
    SweepTurn,
    Worker,
)
from waybill.shortid import to_short

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = [
    "AcceptedStartAdmin",
    "ExportFileAdmin",
    "ExportJobAdmin",
    "ExportLogAdmin",
    "ExportPresetAdmin",
    "NoticeAdmin",
    "ReadOnlyAdmin",
    "SiteAdmin",
]


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Shows rows that only the engine may write."""

    actions = None
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let nobody add."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let nobody change."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let nobody delete."""
        return False

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Select what the person may know of as on the pages (P2, L3); a superuser reads all."""
        rows = super().get_queryset(request)
        if getattr(request.user, "is_superuser", False):
            return rows
        by: Any = request.user
        return self.of(rows, by)

    def of(self, rows: "QuerySet[Any]", by: Person) -> "QuerySet[Any]":
        """Select the rows of exports that a person may know of."""
        return rows.filter(job__in=queries.visible(by).order_by().values("pk"))

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let whoever comes into the admin look."""
        return bool(request.user.is_staff)


@admin.register(ExportJob)
class ExportJobAdmin(ReadOnlyAdmin):
    """Exports: what was asked, where they stand, what came of them."""

    list_display = [
        "id",
        "resource",
        "format",
        "status",
        "requester_label",
        "exported_items",
        "requested_at",
        "page",
    ]
    list_filter = ["status", "resource", "format", "delivery"]
    search_fields = ["id", "requester_label", "view_name", "error_code"]
    list_select_related = ["file"]
    date_hierarchy = "requested_at"

    def of(self, rows: "QuerySet[Any]", by: Person) -> "QuerySet[Any]":
        """Select the exports that a person may know of."""
        return rows.filter(pk__in=queries.visible(by).order_by().values("pk"))

    @admin.display(description=_("Page"))
    def page(self, job: ExportJob) -> str:
        """Link to the status page, where the host has it."""
        try:
            address = reverse("waybill:status", args=[to_short(job.pk)])
        except NoReverseMatch:
            return ""
        return format_html('<a href="{}">{}</a>', address, to_short(job.pk))


@admin.register(ExportFile)
class ExportFileAdmin(ReadOnlyAdmin):
    """Files: what attempts stored, and what became of it."""

    list_display = ["name", "job", "rows", "bytes", "created_at", "deleted_at"]
    list_filter = ["alias", "content_type"]
    search_fields = ["name", "sha256", "job__id"]
    list_select_related = ["job"]


@admin.register(ExportLog)
class ExportLogAdmin(ReadOnlyAdmin):
    """The log, line by line, as the site's chain has it."""

    list_display = ["site_seq", "created_at", "event", "resource", "actor", "job"]
    list_filter = ["event", "resource"]
    search_fields = ["actor", "message", "job__id"]
    list_select_related = ["job"]
    ordering = ["-site_seq"]

    def of(self, rows: "QuerySet[Any]", by: Person) -> "QuerySet[Any]":
        """Select the lines that a person may read."""
        return rows.filter(pk__in=trail.lines(by).order_by().values("pk"))


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """The outbox: notices that wait, and what became of the others."""

    list_display = ["job", "kind", "outcome", "tries", "last_error", "due_at", "sent_at"]
    list_filter = ["outcome", "kind", "channel"]
    search_fields = ["job__id", "message_id"]
    list_select_related = ["job"]


@admin.register(AuditHead, AuditVerdict, LogTotals, SweepTurn, Worker)
class SiteAdmin(ReadOnlyAdmin):
    """What the engine notes of itself: of no export and of no person."""

    def of(self, rows: "QuerySet[Any]", by: Person) -> "QuerySet[Any]":
        """Select all for those who run the site."""
        return rows if trail.administers(by) else rows.none()


@admin.register(AcceptedStart)
class AcceptedStartAdmin(ReadOnlyAdmin):
    """Starts that count towards a limit; those of others tell of exports (P2)."""

    list_display = ["requester_key", "at"]

    def of(self, rows: "QuerySet[Any]", by: Person) -> "QuerySet[Any]":
        """Select a person's own."""
        return rows.filter(requester_key=Actor.of(by).key)


@admin.register(ExportPreset)
class ExportPresetAdmin(ReadOnlyAdmin):
    """Choices of the dialog that people keep: changed there, where they are checked."""

    list_display = ["name", "resource", "owner", "shared"]
    list_select_related = ["owner"]

    def of(self, rows: "QuerySet[Any]", by: Person) -> "QuerySet[Any]":
        """Select a person's own, and what others share."""
        return rows.filter(Q(owner=by.pk) | Q(shared=True))
