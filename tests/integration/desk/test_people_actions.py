"""Accounts, roles and teams: who may change them, and what the audit hears."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import CommandError, call_command
from django.http import HttpRequest
from django.test import Client
from django.urls import reverse

from desk.people import actions, audit, groups, queries
from desk.people.models import Role, Team, User
from desk.people.rights import Right
from desk.tickets import actions as tickets
from desk.tickets.models import Ticket

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard() -> Iterator[list[tuple[str, str, str, dict[str, str]]]]:
    """What the audit was told, in order."""
    events: list[tuple[str, str, str, dict[str, str]]] = []

    def take(*, event: str, by: User | None, about: str, facts: dict[str, str], **_: Any) -> None:
        events.append((event, by.username if by else "system", about, facts))

    audit.recorded.connect(take)
    yield events
    audit.recorded.disconnect(take)


def test_an_administrator_makes_a_person_who_can_log_in(
    cleo: User, exporters: Role, heard: list[Any]
) -> None:
    person = actions.create_person(
        {"username": "eve", "email": "eve@desk.example"},
        by=cleo,
        password="a-long-enough-word",
        roles=[exporters],
    )

    assert person.display_name == "eve"
    assert person.check_password("a-long-enough-word")
    assert person.has_perm("import_export_tickets")
    assert [(event, actor) for event, actor, *_ in heard] == [
        ("person_created", "cleo"),
        ("roles_changed", "cleo"),
    ]
    assert heard[1][3] == {"given": "Exporters", "taken": ""}


def test_nobody_else_changes_accounts_roles_or_teams(ben: User, dan: User) -> None:
    attempts = [
        lambda: actions.create_person({"username": "x"}, by=ben, password=None),
        lambda: actions.edit_person(dan, {"is_admin": True}, by=dan),
        lambda: actions.set_password(ben, "another-long-word", by=dan),
        lambda: actions.set_roles(dan, ben.roles.all(), by=dan),
        lambda: actions.set_teams(dan, [], by=dan),
        lambda: groups.save_role(Role(), name="Mine", rights=Right.values, by=dan),
        lambda: groups.save_team(Team(), name="Mine", people=[dan], by=dan),
        lambda: groups.delete_role(ben.roles.get(), by=dan),
    ]
    for attempt in attempts:
        with pytest.raises(PermissionDenied):
            attempt()


def test_an_administrator_who_may_not_log_in_changes_nothing(cleo: User, dan: User) -> None:
    cleo.is_active = False

    with pytest.raises(PermissionDenied):
        actions.edit_person(dan, {"is_admin": True}, by=cleo)


def test_the_last_administrator_cannot_be_lost(cleo: User, dan: User) -> None:
    for loss in ({"is_admin": False}, {"is_active": False}):
        with pytest.raises(ValidationError, match="last administrator"):
            actions.edit_person(cleo, loss, by=cleo)

    actions.edit_person(dan, {"is_admin": True}, by=cleo)
    assert not actions.edit_person(cleo, {"is_admin": False}, by=cleo).is_admin


def test_a_right_counts_at_once_and_only_through_a_role(cleo: User, dan: User) -> None:
    assert not cleo.has_perm("import_export_tickets")
    role = groups.save_role(Role(), name="Takers", rights=["export_assets"], by=cleo)
    actions.set_roles(dan, [role], by=cleo)
    assert dan.has_perm("desk.export_assets")

    groups.save_role(role, name="Takers", rights=[], by=cleo)

    assert not User.objects.get(pk=dan.pk).has_perm("export_assets")


def test_every_change_of_a_role_is_audited_with_what_it_gave_and_took(
    cleo: User, heard: list[Any]
) -> None:
    role = groups.save_role(Role(), name="Takers", rights=["export_assets"], by=cleo)
    groups.save_role(role, name="Takers", rights=["import_export_tickets"], by=cleo)
    groups.delete_role(role, by=cleo)

    assert heard == [
        ("role_created", "cleo", "Takers", {"given": "export_assets", "taken": ""}),
        (
            "role_changed",
            "cleo",
            "Takers",
            {"given": "import_export_tickets", "taken": "export_assets"},
        ),
        ("role_deleted", "cleo", "Takers", {"taken": "import_export_tickets", "people": ""}),
    ]


def test_a_right_that_does_not_exist_is_refused_with_those_that_do(cleo: User) -> None:
    with pytest.raises(ValidationError, match="import_export_tickets, export_assets"):
        groups.save_role(Role(), name="Odd", rights=["fly"], by=cleo)


def test_what_the_audit_cannot_take_does_not_happen(cleo: User, dan: User) -> None:
    def broken(**_: Any) -> None:
        raise RuntimeError("the audit is closed")

    audit.recorded.connect(broken)
    try:
        with pytest.raises(RuntimeError):
            actions.edit_person(dan, {"is_admin": True}, by=cleo)
    finally:
        audit.recorded.disconnect(broken)
    dan.refresh_from_db()
    assert not dan.is_admin


def test_people_change_their_own_profile_and_password_and_nothing_else(dan: User) -> None:
    actions.edit_own_profile(dan, {"time_zone": "Asia/Tokyo"})
    actions.change_own_password(dan, "a-better-password-9")

    dan.refresh_from_db()
    assert (dan.time_zone, dan.check_password("a-better-password-9")) == ("Asia/Tokyo", True)
    with pytest.raises(TypeError, match="is_admin"):
        actions.edit_own_profile(dan, {"is_admin": True})
    with pytest.raises(ValidationError, match="too short"):
        actions.change_own_password(dan, "x")


def test_a_time_zone_that_does_not_exist_is_refused(dan: User) -> None:
    with pytest.raises(ValidationError, match="Europe/Berlin"):
        actions.edit_own_profile(dan, {"time_zone": "Mars/Olympus"})


def test_teams_keep_their_tickets_apart_from_their_people(cleo: User, dan: User) -> None:
    team = groups.save_team(Team(), name="Berlin", people=[dan], by=cleo)
    assert [one.size for one in queries.teams()] == [1]

    groups.delete_team(team, by=cleo)
    assert not dan.teams.exists()


def test_tickets_of_a_deleted_team_say_so_in_their_history(cleo: User, dan: User) -> None:
    team, other = (groups.save_team(Team(), name=name, people=[], by=cleo) for name in "BC")
    mine, kept = (tickets.create({"subject": "x", "team": one}, by=None) for one in (team, other))
    gone = tickets.delete(tickets.create({"subject": "y", "team": team}, by=None), by=None)
    before = Ticket.objects.latest("updated_at").updated_at
    assert before

    groups.delete_team(team, by=cleo)

    for ticket in (mine, gone):
        ticket.refresh_from_db()
        line = ticket.changes.latest("pk")
        assert (line.field, line.old, line.new, line.actor) == ("team", "B", None, cleo)
        assert ticket.team is None
        assert before < line.at <= ticket.updated_at
    kept.refresh_from_db()
    assert (kept.team, kept.changes.count()) == (other, 1)


def test_a_team_keeps_its_people_who_may_not_log_in_until_they_are_taken_out(
    client: Client, cleo: User, dan: User, ben: User
) -> None:
    team = groups.save_team(Team(), name="Berlin", people=[dan, ben], by=cleo)
    actions.edit_person(dan, {"is_active": False}, by=cleo)
    client.force_login(cleo, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("people:team", args=[team.pk])
    drawn = str(client.get(address).context["form"]["people"])
    ticked = re.findall(r'value="(\d+)"[^>]* checked', drawn)

    client.post(address, {"name": "Bonn", "people": ticked})

    assert set(team.people.all()) == {dan, ben}
    client.post(address, {"name": "Bonn", "people": [ben.pk]})
    assert set(team.people.all()) == {ben}
    client.post(address, {"name": "Bonn", "people": [ben.pk, dan.pk]})
    assert set(team.people.all()) == {ben}


def test_people_are_found_by_parts_of_name_or_address(dan: User, cleo: User) -> None:
    actions.edit_person(dan, {"is_active": False}, by=cleo)

    assert [*queries.people("desk.ex")] == [cleo]
    assert [*queries.people("da", everybody=True)] == [dan]
    assert [*queries.assignable()] == [cleo]


def test_create_user_makes_a_person_with_rights(
    capsys: pytest.CaptureFixture[str], client: Client
) -> None:
    words = ["--password", "pw", "--email", "fay@desk.example", "--admin"]
    call_command("create_user", "fay", *words, "--permission", "import_export_tickets")
    call_command("create_user", "gus", "--password", "pw", "--permission", "import_export_tickets")

    assert capsys.readouterr().out == "created fay\ncreated gus\n"
    fay = User.objects.get(username="fay")
    assert client.login(request=HttpRequest(), username="fay", password="pw")
    assert fay.is_admin
    assert fay.rights == {"import_export_tickets"}
    assert Role.objects.count() == 1


@pytest.mark.parametrize("rights", [[], ["see_contacts"], ["export_assets", "see_contacts"]])
def test_create_user_leaves_a_role_of_other_rights_alone(rights: list[str]) -> None:
    own = groups.save_role(Role(), name="Export Assets", rights=rights, by=None)
    gil = actions.create_person({"username": "gil"}, by=None, password=None, roles=[own])
    for name in ("fay", "gus"):
        call_command("create_user", name, "--password", "pw", "--permission", "export_assets")

    assert set(own.rights.values_list("right", flat=True)) == set(rights)
    assert User.objects.get(pk=gil.pk).rights == set(rights)
    assert User.objects.get(username="fay").rights == {"export_assets"}
    assert Role.objects.count() == 2


def test_create_user_says_what_is_wrong() -> None:
    call_command("create_user", "fay", "--password", "pw")

    with pytest.raises(CommandError, match=r"username: .*already exists"):
        call_command("create_user", "fay", "--password", "pw")
    with pytest.raises(CommandError, match=r"email: .*valid"):
        call_command("create_user", "gus", "--password", "pw", "--email", "nowhere")
