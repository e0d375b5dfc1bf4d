"""Django's admin for operators: what its pages share (D7)."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from desk.people.models import User

__all__ = ["ActedAdmin", "HistoryAdmin", "OperatorAdmin", "operator"]

admin.site.site_header = admin.site.site_title = _("Desk for operators")


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

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Refuse what other rows point at, and count them: it may be a million tickets."""
        left = []
        for relation in self.model._meta.related_objects:
            rows: Any = relation.related_model
            if getattr(relation, "on_delete", None) is models.SET_NULL:
                continue
            if count := rows._base_manager.filter(**{f"{relation.field.name}__in": objs}).count():
                noun = rows._meta.verbose_name if count == 1 else rows._meta.verbose_name_plural
                left.append(f"{number_format(count, 0, force_grouping=True)} {noun}")
        return [str(one) for one in objs], {}, set(), left


class ActedAdmin(OperatorAdmin):
    """Changes rows by the actions that the staff pages call, so that their history is the same.

    `deeds` is a module of actions with `create`, `edit` and `delete`.
    """

    deeds: Any

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Make or edit by the actions."""
        by = operator(request)
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        saved = self.deeds.edit(obj, values, by=by) if change else self.deeds.create(values, by=by)
        obj.pk = saved.pk

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Name what leaves the lists: nothing that hangs on it is deleted with it."""
        return [str(one) for one in objs], {}, set(), []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Take it out of the lists, as everywhere."""
        self.deeds.delete(obj, by=operator(request))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Take all of them out of the lists."""
        for one in queryset:
            self.deeds.delete(one, by=operator(request))


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
