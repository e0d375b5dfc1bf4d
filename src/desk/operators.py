"""Django's admin for operators: what its pages share (D7)."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from desk.people.models import User

__all__ = ["HistoryAdmin", "OperatorAdmin", "operator"]


class OperatorAdmin(admin.ModelAdmin[Any]):
    """Lets administrators of the desk do everything: rights come from roles, not from here."""

    show_full_result_count = False
    list_per_page = 50

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show the app to administrators."""
        return _is_operator(request)

    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let administrators look."""
        return _is_operator(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let administrators add."""
        return _is_operator(request)

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let administrators change."""
        return _is_operator(request)

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let administrators delete."""
        return _is_operator(request)


class HistoryAdmin(OperatorAdmin):
    """Shows rows that must not change here: history, or what only audited pages may change."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Let nobody add."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let nobody change."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        """Let nobody delete."""
        return False


def operator(request: HttpRequest) -> User:
    """Give who is logged in to the admin; raises `PermissionDenied` for anybody else."""
    if isinstance(request.user, User) and request.user.is_staff:
        return request.user
    raise PermissionDenied


def _is_operator(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_staff", False))
