"""Every change of people, roles, rights and tokens stands in the sealed log (D1, L2)."""

import json
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from desk.people import actions, groups, tokens
from desk.people.models import Role, Team, Token, User
from waybill.models import ExportLog

pytestmark = pytest.mark.django_db
BACKEND = "django.contrib.auth.backends.ModelBackend"
ACCOUNT = {
    "username": "eve",
    "display_name": "Eve",
    "email": "eve@desk.example",
    "time_zone": "UTC",
    "is_active": "on",
    "password": "",
}


@pytest.fixture
def admin(client: Client, cleo: User) -> Client:
    """Log in the administrator."""
    client.force_login(cleo, backend=BACKEND)
    return client


def lines(since: int = 0) -> list[tuple[str, str, str]]:
    """Read event, actor and whom it is about, from the log."""
    rows = ExportLog.objects.filter(job=None, site_seq__gt=since).order_by("site_seq")
    return [(row.event, row.actor, row.message) for row in rows]


def end() -> int:
    """Read the number of the last line."""
    return ExportLog.objects.order_by("site_seq").values_list("site_seq", flat=True).last() or 0


def test_no_line_of_the_log_waits_for_a_password_to_be_hashed(
    admin: Client, exporters: Role, dan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    since, seen = end(), list[int]()

    def slow(password: str) -> str:
        seen.append(end())
        return make_password(password)

    monkeypatch.setattr("desk.people.actions.make_password", slow)
    changed = {**ACCOUNT, "username": "dan", "display_name": "Dan", "password": "walrus-lantern-42"}
    admin.post(reverse("people:detail", args=[dan.pk]), {**changed, "roles": [exporters.pk]})

    assert seen == [since]
    dan.refresh_from_db()
    assert dan.check_password("walrus-lantern-42")
    assert [event for event, _by, _about in lines(since)][-1] == "password_changed"


def test_people_whom_a_file_brought_along_stand_in_the_log_by_their_number(tmp_path: Path) -> None:
    since, file = end(), tmp_path / "tracker.jsonl"
    line = {"id": 1, "ticket_code": "A-1", "subject": "x", "created_by": "Ann", "assigned_to": "Bo"}
    file.write_text(json.dumps(line))
    call_command("load_tickets", str(file))
    assert lines(since) == [("people_loaded", "system", "tracker")]
    assert ExportLog.objects.last().details == {"about": "tracker", "people": "2"}

    later = {**line, "id": 2, "ticket_code": "A-2", "assigned_to": "Cy"}
    file.write_text(json.dumps(line) + "\n" + json.dumps(later))
    call_command("load_tickets", str(file))
    call_command("load_tickets", str(file))
    assert len(lines(since)) == 2

    asset = {"asset_tag": "T-1", "name": "Laptop", "assigned_to": "Di"}
    file.write_text(json.dumps(asset))
    call_command("load_assets", str(file))
    assert ExportLog.objects.last().details == {"about": "tracker", "people": "1"}
    call_command("verify_audit")


def test_the_pages_of_people_write_their_lines(admin: Client, exporters: Role) -> None:
    since = end()

    admin.post(reverse("people:new"), {**ACCOUNT, "roles": [exporters.pk]})
    eve = User.objects.get(username="eve")
    changed = {**ACCOUNT, "is_admin": "on", "password": "walrus-lantern-42"}
    admin.post(reverse("people:detail", args=[eve.pk]), changed)

    assert lines(since) == [
        ("person_created", "Cleo", "eve"),
        ("roles_changed", "Cleo", "eve"),
        ("person_changed", "Cleo", "eve"),
        ("roles_changed", "Cleo", "eve"),
        ("password_changed", "Cleo", "eve"),
    ]
    given = ExportLog.objects.filter(event="roles_changed").first()
    assert given is not None
    assert given.details == {"about": "eve", "given": "Exporters", "taken": ""}


def test_the_pages_of_roles_and_teams_write_their_lines(admin: Client, dan: User) -> None:
    admin.post(reverse("people:new_role"), {"name": "Takers", "rights": ["export_assets"]})
    role = Role.objects.get(name="Takers")
    admin.post(reverse("people:role", args=[role.pk]), {"name": "Givers", "rights": []})
    admin.post(reverse("people:delete_role", args=[role.pk]))
    admin.post(reverse("people:new_team"), {"name": "Berlin", "people": [dan.pk]})
    team = Team.objects.get(name="Berlin")
    admin.post(reverse("people:team", args=[team.pk]), {"name": "Bonn", "people": [dan.pk]})
    admin.post(reverse("people:delete_team", args=[team.pk]))

    assert lines() == [
        ("role_created", "Cleo", "Takers"),
        ("role_changed", "Cleo", "Givers"),
        ("role_deleted", "Cleo", "Givers"),
        ("team_created", "Cleo", "Berlin"),
        ("team_changed", "Cleo", "Bonn"),
        ("team_deleted", "Cleo", "Bonn"),
    ]
    ended = ExportLog.objects.get(event="team_deleted")
    assert ended.details == {"about": "Bonn", "people": "dan"}
    renamed = ExportLog.objects.get(event="role_changed")
    assert renamed.details == {
        "about": "Givers",
        "given": "",
        "taken": "export_assets",
        "was": "Takers",
    }
    assert ExportLog.objects.get(event="team_changed").details["was"] == "Berlin"


def test_people_who_change_themselves_write_lines_without_their_data(
    client: Client, dan: User
) -> None:
    client.force_login(dan, backend=BACKEND)
    profile = {"display_name": "Dan", "email": "new@desk.example", "time_zone": "Asia/Tokyo"}
    kept = ("mail_completed", "mail_failed", "mail_expiring", "single_keys")
    profile |= dict.fromkeys(kept, "on")
    client.post(reverse("people:profile"), profile)
    client.post(reverse("people:profile"), profile)
    actions.change_own_password(dan, "a-better-password-9")

    assert lines() == [("person_changed", "Dan", "dan"), ("password_changed", "Dan", "dan")]
    assert ExportLog.objects.first().details == {"about": "dan", "fields": "email, time_zone"}


def test_the_commands_write_their_lines(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_user", "fay", "--password", "pw", "--permission", "export_assets")
    call_command("create_token", "fay", "--label", "nightly")
    secret = capsys.readouterr().out.split()[-1]
    call_command("revoke_token", str(Token.objects.get().pk))

    assert lines() == [
        ("role_created", "system", "Export Assets"),
        ("person_created", "system", "fay"),
        ("roles_changed", "system", "fay"),
        ("token_created", "system", "fay"),
        ("token_revoked", "system", "fay"),
    ]
    made = ExportLog.objects.get(event="token_created")
    assert made.details == {"about": "fay", "token": secret[:7], "name": "nightly"}
    assert secret not in str([vars(row) for row in ExportLog.objects.all()])


def test_the_log_of_people_is_whole(
    cleo: User, dan: User, capsys: pytest.CaptureFixture[str]
) -> None:
    role = groups.save_role(Role(), name="Takers", rights=["export_assets"], by=cleo)
    actions.set_roles(dan, [role], by=cleo)

    call_command("verify_audit")

    assert "complete and unchanged: 2 lines" in capsys.readouterr().out


CHANGES: dict[str, Callable[[User, User], object]] = {
    "an account": lambda cleo, dan: actions.edit_person(dan, {"is_admin": True}, by=cleo),
    "a new person": lambda cleo, dan: actions.create_person(
        {"username": "eve"}, by=cleo, password=None
    ),
    "a profile": lambda cleo, dan: actions.edit_own_profile(dan, {"time_zone": "Asia/Tokyo"}),
    "a password": lambda cleo, dan: actions.set_password(dan, "walrus-lantern-43", by=cleo),
    "roles": lambda cleo, dan: actions.set_roles(dan, Role.objects.all(), by=cleo),
    "teams": lambda cleo, dan: actions.set_teams(dan, Team.objects.all(), by=cleo),
    "a role": lambda cleo, dan: groups.save_role(Role(), name="New", rights=[], by=cleo),
    "a role's end": lambda cleo, dan: groups.delete_role(Role.objects.get(), by=cleo),
    "a team": lambda cleo, dan: groups.save_team(Team(), name="New", people=[dan], by=cleo),
    "a team's end": lambda cleo, dan: groups.delete_team(Team.objects.get(), by=cleo),
    "a token": lambda cleo, dan: tokens.create_token(dan, name="new", by=None),
    "a token's end": lambda cleo, dan: tokens.revoke_token(Token.objects.get(), by=cleo),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_whose_line_cannot_be_written_does_not_happen(
    change: str, cleo: User, dan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    Role.objects.create(name="Old")
    Team.objects.create(name="Old")
    tokens.create_token(dan, name="old", by=None)
    before = stored()

    def full(*_: object) -> None:
        raise DatabaseError("no room for a line")

    monkeypatch.setattr("desk.people.sealing.append_site", full)
    with pytest.raises(DatabaseError, match="no room"):
        CHANGES[change](cleo, dan)

    assert stored() == before


def stored() -> list[list[tuple[object, ...]]]:
    """Read all that people, roles, teams and tokens are."""
    rows = [[*model.objects.order_by("pk").values_list()] for model in (User, Role, Team, Token)]
    links = (User.roles.through, User.teams.through)
    return [*rows, *([*link.objects.values_list()] for link in links)]


def test_a_line_is_gone_when_its_change_is_undone(cleo: User, dan: User) -> None:
    def change_and_fail() -> None:
        actions.edit_person(dan, {"is_admin": True}, by=cleo)
        raise RuntimeError

    with pytest.raises(RuntimeError), transaction.atomic():
        change_and_fail()

    assert lines() == []


def _cells(page: str, event: str) -> list[str]:
    """Give the texts of the cells of the newest line of an event, as the page says it."""
    row = next(row for row in page.split("<tr>")[2:] if f">{event}<" in row)
    cells = [cell.partition(">")[2] for cell in row.split("<td")[1:]]
    return [" ".join(unescape(strip_tags(cell)).split()) for cell in cells]


def test_the_audit_page_says_what_changed_in_words_and_from_where(
    admin: Client, exporters: Role, dan: User
) -> None:
    given = {"name": "Exporters", "rights": ["export_assets", "see_contacts"]}
    admin.post(reverse("people:role", args=[exporters.pk]), given, REMOTE_ADDR="203.0.113.9")
    kept = {**ACCOUNT, "username": "dan", "display_name": "Dan", "roles": [exporters.pk]}
    admin.post(reverse("people:detail", args=[dan.pk]), {**kept, "is_admin": "on"})
    page = admin.get(reverse("waybill:audit")).content.decode()

    changed = _cells(page, "Role changed")
    assert changed[4:6] == ["Cleo", "203.0.113.9"]
    assert changed[6] == ("Exporters Given: See Contact Details Taken: Import / Export Tickets")
    person = _cells(page, "Person changed")[6]
    assert person == "dan Changed: e-mail address, administrator Administrator: yes May log in: yes"
    assert _cells(page, "Roles changed")[6] == "dan Given: Exporters"
    assert '<option value="role_changed">Role changed</option>' in page
