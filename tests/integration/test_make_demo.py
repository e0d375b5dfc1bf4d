"""Made-up people, tickets and assets."""

import csv
import io
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, F

from desk.assets.models import Asset
from desk.demo import people
from desk.demo.load import bulk
from desk.demo.make import run
from desk.demo.make.run import make_demo
from desk.demo.people import FOUR, log_ins
from desk.people.models import User
from desk.people.rights import Right
from desk.tickets.models import Comment, Ticket
from waybill.models import ExportLog

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 3, 14, 30, 20, tzinfo=UTC)
EXPORT_RIGHTS = {Right.IMPORT_EXPORT_TICKETS, Right.EXPORT_ASSETS}


@pytest.fixture(autouse=True)
def keys(settings, tmp_path):
    settings.KEYS_DIR = tmp_path / "keys"


def fill(tickets=300, assets=40, now=NOW):
    return make_demo(tickets=tickets, assets=assets, now=now)


def content():
    """Give what the demo says, without ids and codes that a sequence gave."""
    tickets = Ticket.objects.order_by("pk").values_list(
        "subject", "description", "status__name", "assigned_to__username", "created_at", "due_date"
    )
    comments = Comment.objects.order_by("pk").values_list("body", "author__username", "created_at")
    assets = Asset.objects.order_by("pk").values_list("asset_tag", "name", "serial_number")
    return list(tickets), list(comments), list(assets)


def test_it_comes_up_to_the_numbers_asked_for_and_then_adds_nothing():
    assert fill() == run.Made(tickets=300, assets=40)
    assert fill(now=NOW + timedelta(days=9)) == run.Made(tickets=0, assets=0)
    assert (Ticket.objects.count(), Asset.objects.count()) == (300, 40)
    assert fill(tickets=500, assets=60) == run.Made(tickets=200, assets=20)
    assert (Ticket.objects.count(), Asset.objects.count()) == (500, 60)


def test_it_is_the_same_each_time():
    fill()
    first = content()
    Comment.objects.all().delete()
    Ticket.objects.all().delete()
    Asset.objects.all().delete()
    fill()
    assert content() == first


@pytest.mark.parametrize("may_skip_checks", [True, False])
def test_indexes_made_over_all_rows_at_once_are_the_same_as_before(monkeypatch, may_skip_checks):
    def indexes():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'tickets%'"
            )
            return set(cursor.fetchall())

    before = indexes()
    monkeypatch.setattr(run, "MANY", 100)
    if not may_skip_checks:  # as where the database's person is no superuser
        monkeypatch.setattr(bulk, "can_skip_row_checks", lambda *tables: False)
    fill()
    assert indexes() == before
    assert Ticket.objects.count() == 300


def test_nothing_lies_in_the_future_and_the_newest_ticket_is_fresh():
    fill()
    assert not Ticket.objects.filter(created_at__gt=NOW).exists()
    assert not Ticket.objects.filter(updated_at__gt=NOW).exists()
    assert not Comment.objects.filter(created_at__gt=NOW).exists()
    newest = Ticket.objects.latest("created_at")
    assert NOW - newest.created_at < timedelta(minutes=5)
    assert newest == Ticket.objects.latest("pk")


def test_talks_go_forward_in_time():
    fill()
    assert not Comment.objects.filter(created_at__lte=F("ticket__created_at")).exists()
    assert not Comment.objects.filter(created_at__gt=F("ticket__updated_at")).exists()
    assert Comment.objects.filter(is_internal=True).exists()


def test_there_is_something_in_every_default_view():
    fill(tickets=3000)
    ada = User.objects.get(username="ada")
    current = Ticket.objects.filter(is_open=True)
    assert current.filter(assigned_to=ada).exists()
    assert current.filter(assigned_to=None).exists()
    assert current.filter(due_date__lt=NOW).exists()
    assert Ticket.objects.filter(is_open=False, updated_at__gt=NOW - timedelta(days=7)).exists()
    assert Ticket.objects.visible_to(User.objects.get(username="dan")).filter(is_open=True).exists()


def test_states_agree_with_the_flags():
    fill()
    assert not Ticket.objects.exclude(is_open=F("status__is_open")).exists()
    assert not Ticket.objects.exclude(is_resolved=F("status__is_resolved")).exists()


def test_it_speaks_many_scripts_and_holds_what_spreadsheets_trip_over():
    fill(tickets=4000)
    text = "".join(Ticket.objects.values_list("subject", flat=True))
    for letter in "äé続网งाم":
        assert letter in text
    subjects = set(Ticket.objects.values_list("subject", flat=True))
    descriptions = set(Ticket.objects.values_list("description", flat=True))
    for hostile in ("=1+1", "00123", "1234567890123456789", "two\r\nlines", "\t=1+1", "\\N"):
        assert hostile in subjects | descriptions


def test_a_row_of_the_file_is_about_400_bytes():
    fill(tickets=2000)
    out = io.StringIO()
    rows = Ticket.objects.values_list(
        "id",
        "ticket_code",
        "subject",
        "description",
        "status__name",
        "priority__name",
        "type__name",
        "assigned_to__display_name",
        "created_by__display_name",
        "is_open",
        "is_resolved",
        "created_at",
        "due_date",
        "updated_at",
    )
    csv.writer(out, lineterminator="\n").writerows(rows)
    assert 360 <= len(out.getvalue().encode()) / 2000 <= 440


def test_the_four_people_are_who_they_should_be():
    fill(tickets=10)
    people = {user.username: user for user in User.objects.filter(email__contains="@")}
    expected = {
        "ada": (True, True),
        "ben": (False, True),
        "cleo": (True, False),
        "dan": (False, False),
    }
    for name, (is_admin, exports) in expected.items():
        assert people[name].is_admin == is_admin
        assert people[name].rights >= EXPORT_RIGHTS if exports else not people[name].rights


def test_the_four_and_their_roles_stand_in_the_sealed_log(capsys):
    fill(tickets=10)
    lines = ExportLog.objects.order_by("site_seq").values_list("event", "message")
    assert [about for event, about in lines if event == "person_created"] == [*FOUR]
    assert [event for event, _about in lines].count("role_created") == 2
    assert [about for event, about in lines if event == "people_loaded"] == ["demo"]
    call_command("verify_audit")
    assert f"complete and unchanged: {len(lines)} lines" in capsys.readouterr().out


def test_log_ins_are_given_until_somebody_changes_a_password():
    fill(tickets=0, assets=0)
    given = log_ins()
    assert [name for name, _password, _what in given] == ["ada", "ben", "cleo", "dan"]
    for name, password, what in given:
        assert User.objects.get(username=name).check_password(password)
        assert what
    ben = User.objects.get(username="ben")
    ben.set_password("his own now 4711")
    ben.save()
    assert [name for name, *_rest in log_ins()] == ["ada", "cleo", "dan"]
    assert log_ins() == [given[0], given[2], given[3]]


def test_only_a_password_that_was_set_anew_is_checked_against_its_hash(monkeypatch):
    fill(tickets=0, assets=0)
    checked = []
    monkeypatch.setattr(people, "check_password", lambda *pair: bool(checked.append(pair)))
    given = log_ins()
    assert len(given) == 4
    assert not checked
    ben = User.objects.get(username="ben")
    ben.set_password(given[1][1])  # the same again, with another salt
    ben.save()
    assert [name for name, *_rest in log_ins()] == ["ada", "cleo", "dan"]
    assert [password for password, _hash in checked] == [given[1][1]]


def test_kept_passwords_are_for_the_owner_of_the_folder_alone():
    fill(tickets=0, assets=0)
    log_ins()
    files = [*Path(settings.KEYS_DIR).iterdir()]
    assert len(files) == 2
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


def test_a_person_who_was_there_before_keeps_the_password():
    User.objects.create_user("ada", password="was here first", display_name="Ada")
    fill(tickets=0, assets=0)
    assert User.objects.get(username="ada").check_password("was here first")
    assert [name for name, *_rest in log_ins()] == ["ben", "cleo", "dan"]


def test_no_two_people_of_the_demo_share_a_name():
    fill(tickets=0, assets=0)
    twice = User.objects.values("display_name").annotate(n=Count("pk")).filter(n__gt=1)
    assert list(twice) == []


def test_codes_that_another_system_brought_along_are_left_to_it(capsys):
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('tickets_code')")
        (last,) = cursor.fetchone()
    Ticket.objects.create(ticket_code=f"TCK-{last + 2}", subject="x", source="old", external_id="1")
    fill(tickets=5)
    assert Ticket.objects.filter(source="demo").count() == 5


def test_the_command_says_what_it_made(capsys):
    call_command("make_demo", tickets=20, assets=3)
    assert capsys.readouterr().out.startswith("20 tickets and 3 assets made in ")
