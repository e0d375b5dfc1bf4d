"""People, roles, teams and tokens in Django's admin: to read.

They are changed on the staff pages and by commands, where every change is audited.
"""

from django.contrib import admin

from desk.operators import HistoryAdmin
from desk.people.models import Role, RoleRight, Team, Token, User

__all__ = ["RoleAdmin", "RoleRightAdmin", "TeamAdmin", "TokenAdmin", "UserAdmin"]


@admin.register(User)
class UserAdmin(HistoryAdmin):
    """Accounts, without their passwords."""

    list_display = ["username", "display_name", "email", "is_admin", "is_active", "last_login"]
    list_filter = ["is_admin", "is_active"]
    search_fields = ["username", "display_name", "email"]
    exclude = ["password"]


@admin.register(Role)
class RoleAdmin(HistoryAdmin):
    """Roles."""

    list_display = ["name", "description"]


@admin.register(RoleRight)
class RoleRightAdmin(HistoryAdmin):
    """The rights that roles carry."""

    list_display = ["role", "right"]
    list_select_related = ["role"]


@admin.register(Team)
class TeamAdmin(HistoryAdmin):
    """Teams."""

    list_display = ["name"]


@admin.register(Token)
class TokenAdmin(HistoryAdmin):
    """Tokens of the API, without what they are known by."""

    list_display = ["id", "user"]
    list_select_related = ["user"]
    exclude = ["digest"]
