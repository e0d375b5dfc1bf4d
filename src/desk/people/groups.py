"""What changes roles, the rights they carry, and teams; for administrators and the system."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import Signal
from django.utils.translation import gettext_lazy as _

from desk.people import audit
from desk.people.actions import only_administrators
from desk.people.models import Role, RoleRight, Team, User
from desk.people.rights import Right

__all__ = ["delete_role", "delete_team", "dissolved", "save_role", "save_team"]

dissolved = Signal()
"""Sent in the transaction that deletes a team, before it does, with `team` and `by`."""


@transaction.atomic
def save_role(
    role: Role, *, name: str, rights: Iterable[str], by: User | None, description: str = ""
) -> Role:
    """Make a role, or change one, so that it carries exactly these rights."""
    only_administrators(by)
    wanted = {_right(one) for one in rights}
    was = _name_of(Role, role.pk)
    before = set(role.rights.values_list("right", flat=True)) if role.pk else set()
    event = "role_changed" if role.pk else "role_created"
    role.name, role.description = name, description
    role.full_clean()
    role.save()
    role.rights.exclude(right__in=wanted).delete()
    RoleRight.objects.bulk_create(
        RoleRight(role=role, right=right) for right in sorted(wanted - before)
    )
    audit.record(
        event,
        by=by,
        about=role.name,
        given=", ".join(sorted(wanted - before)),
        taken=", ".join(sorted(before - wanted)),
        **_renamed(was, role.name),
    )
    return role


@transaction.atomic
def delete_role(role: Role, *, by: User | None) -> None:
    """Delete a role; whoever had it loses its rights."""
    only_administrators(by)
    rights = ", ".join(role.rights.values_list("right", flat=True))
    name, people = role.name, _members(role)
    role.delete()
    audit.record("role_deleted", by=by, about=name, taken=rights, people=people)


@transaction.atomic
def save_team(team: Team, *, name: str, people: Iterable[User], by: User | None) -> Team:
    """Make a team, or change one, so that it has exactly these people."""
    only_administrators(by)
    was = _name_of(Team, team.pk)
    event = "team_changed" if team.pk else "team_created"
    team.name = name
    team.full_clean()
    team.save()
    team.people.set(people)
    audit.record(event, by=by, about=team.name, people=_members(team), **_renamed(was, team.name))
    return team


@transaction.atomic
def delete_team(team: Team, *, by: User | None) -> None:
    """Delete a team; its tickets stay, without a team."""
    only_administrators(by)
    # Locked, so that no ticket comes to the team meanwhile.
    team = Team.objects.select_for_update().get(pk=team.pk)
    name, people = team.name, _members(team)
    dissolved.send(sender=None, team=team, by=by)
    team.delete()
    audit.record("team_deleted", by=by, about=name, people=people)


def _members(group: Role | Team) -> str:
    return ", ".join(group.people.order_by("username").values_list("username", flat=True))


def _name_of(model: type[Role | Team], pk: int | None) -> str:
    """Lock a row and give its name as stored: a form has written the new one into the instance."""
    if pk is None:
        return ""
    return model.objects.select_for_update().values_list("name", flat=True).get(pk=pk)


def _renamed(was: str, now: str) -> dict[str, str]:
    return {"was": was} if was and was != now else {}


def _right(name: str) -> str:
    if name not in Right.values:
        accepted = ", ".join(Right.values)
        raise ValidationError(
            _("“%(name)s” is not a right. Accepted: %(accepted)s."),
            params={"name": name, "accepted": accepted},
        )
    return name
