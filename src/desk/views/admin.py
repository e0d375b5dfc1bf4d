"""Saved views in Django's admin."""

from django.contrib import admin

from desk.operators import HistoryAdmin
from desk.views.models import SavedView

__all__ = ["SavedViewAdmin"]


@admin.register(SavedView)
class SavedViewAdmin(HistoryAdmin):
    """Views as people keep them: changed on the staff pages, which check every filter."""

    list_display = ["name", "subject", "owner", "is_shared", "search", "sort", "updated_at"]
    list_filter = ["subject", "is_shared"]
    list_select_related = ["owner"]
    search_fields = ["name"]
