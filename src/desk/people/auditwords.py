"""What the audit of people says, in words: its events, its facts, and their values."""

from django.core.exceptions import FieldDoesNotExist
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from desk.people.models import User
from desk.people.rights import Right

__all__ = ["words"]

WORDS = {
    "password_changed": gettext_lazy("Password changed"),
    "people_loaded": gettext_lazy("People loaded"),
    "person_changed": gettext_lazy("Person changed"),
    "person_created": gettext_lazy("Person made"),
    "role_changed": gettext_lazy("Role changed"),
    "role_created": gettext_lazy("Role made"),
    "role_deleted": gettext_lazy("Role deleted"),
    "roles_changed": gettext_lazy("Roles changed"),
    "team_changed": gettext_lazy("Team changed"),
    "team_created": gettext_lazy("Team made"),
    "team_deleted": gettext_lazy("Team deleted"),
    "teams_changed": gettext_lazy("Teams changed"),
    "token_created": gettext_lazy("Token made"),
    "token_revoked": gettext_lazy("Token revoked"),
    "fields": gettext_lazy("Changed"),
    "given": gettext_lazy("Given"),
    "is_active": gettext_lazy("May log in"),
    "is_admin": gettext_lazy("Administrator"),
    "name": gettext_lazy("Name"),
    "people": gettext_lazy("People"),
    "taken": gettext_lazy("Taken"),
    "teams": gettext_lazy("Teams"),
    "token": gettext_lazy("Token"),
    "username": gettext_lazy("User name"),
    "was": gettext_lazy("Before"),
}
RIGHTS = dict(Right.choices)


def words(name: str, value: str = "") -> str:
    """Say an event or the name of a fact; with a value, say the value of that fact."""
    if not value:
        return str(WORDS.get(name, ""))
    return ", ".join(_value(name, one) for one in value.split(", "))


def _value(name: str, one: str) -> str:
    if name in {"given", "taken"}:
        return str(RIGHTS.get(one, one))
    if name == "fields":
        return _field(one)
    known = {"true": _("yes"), "false": _("no")} if name.startswith("is_") else {}
    return known.get(one, one)


def _field(name: str) -> str:
    try:
        return str(User._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
    except FieldDoesNotExist:
        return name
