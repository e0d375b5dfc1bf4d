"""Tickets and assets from files, stored in the real database."""

import json
import os
import signal
import threading
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from desk.assets.models import Asset, AssetChange
from desk.demo.load import bulk
from desk.people.models import User
from desk.tickets.models import Comment, Priority, Status, Tag, Ticket, TicketChange

pytestmark = pytest.mark.django_db

LINE = {
    "id": "60635",
    "ticket_code": "MOB-3",
    "subject": " A table view ",
    "description": "first\r\nsecond\t\\N",
    "status": "Reopened here",
    "priority": "None",
    "type": "Sub-task here",
    "assigned_to": "andrea",
    "created_by": "Andrea",
    "is_open": True,
    "is_resolved": True,
    "created_at": "2011-04-15T02:22:17.000+0000",
    "due_date": None,
    "updated_at": "06/Sep/21 08:30",
    "tags": ["zebra", "", "android"],
    "comments": [
        {"author": "andrea", "created_at": "2011-04-16T02:22:17.000+0000", "body": None},
        {"author": None, "created_at": "2011-04-17T02:22:17.000+0200", "body": "x\0y"},
    ],
}


def load(tmp_path, *rows, source="jira", command="load_tickets"):
    """Load rows (objects, or a line as text); give what was said and the exit code."""
    file = written(tmp_path, *rows, source=source)
    out, err = StringIO(), StringIO()
    try:
        call_command(command, str(file), stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue() + err.getvalue(), error.returncode
    return out.getvalue() + err.getvalue(), 0


def written(tmp_path, *rows, source="jira"):
    file = tmp_path / f"{source}.jsonl"
    file.write_text(
        "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows)
    )
    return file


def changed(**fields):
    return {**LINE, **fields}


def test_every_field_is_stored_as_it_stands_in_the_file(tmp_path):
    said, code = load(tmp_path, LINE)
    assert code == 0
    assert "1 added" in said
    ticket = Ticket.objects.get()
    assert (ticket.source, ticket.external_id, ticket.ticket_code) == ("jira", "60635", "MOB-3")
    assert (ticket.subject, ticket.description) == (LINE["subject"], LINE["description"])
    assert ticket.status.name == "Reopened here"
    assert ticket.priority.name == "None"
    assert ticket.type.name == "Sub-task here"
    assert (ticket.assigned_to.display_name, ticket.created_by.display_name) == ("andrea", "Andrea")
    assert (ticket.is_open, ticket.is_resolved) == (True, True)
    assert ticket.created_at == datetime(2011, 4, 15, 2, 22, 17, tzinfo=UTC)
    assert ticket.updated_at == datetime(2021, 9, 6, 8, 30, tzinfo=UTC)
    assert ticket.due_date is None


def test_comments_keep_their_authors_times_and_missing_texts(tmp_path):
    load(tmp_path, LINE)
    first, second = Comment.objects.order_by("created_at")
    assert (first.author.display_name, first.body) == ("andrea", None)
    assert (second.author, second.body) == (None, "x\ufffdy")
    assert second.created_at == datetime(2011, 4, 17, 0, 22, 17, tzinfo=UTC)
    assert not first.is_internal


def test_moments_keep_their_microseconds_before_and_after_2000_in_any_zone(tmp_path):
    old = "1969-07-20T20:17:40.000001+02:00"
    far = "2286-11-20T17:46:39.999999-11:30"

    load(tmp_path, changed(created_at=old, due_date=far))

    ticket = Ticket.objects.get(external_id="60635")
    assert ticket.created_at == datetime.fromisoformat(old)
    assert ticket.due_date == datetime.fromisoformat(far)


def test_a_column_of_a_type_that_no_loader_fills_is_refused_by_name():
    with pytest.raises(TypeError, match=r"Status.rank: smallint is none of text, varchar, bigint"):
        bulk.copy_rows(Status, ("name", "rank"), [("Parked", 1)])


def test_tags_lie_in_the_order_of_the_file(tmp_path):
    load(tmp_path, LINE)
    links = Ticket.tags.through.objects.order_by("pk")
    assert list(links.values_list("tag__name", flat=True)) == ["zebra", "", "android"]


def test_a_nul_is_replaced_and_counted(tmp_path):
    said, code = load(tmp_path, LINE)
    assert "(NUL), replaced by U+FFFD: 1 (line 1)" in said
    assert code == 0


def test_loading_again_adds_and_changes_nothing(tmp_path):
    load(tmp_path, LINE, changed(id="2", created_at=None))
    before = list(Ticket.objects.order_by("pk").values())
    said, _ = load(tmp_path, LINE, changed(id="2", created_at=None))
    assert "0 added, 0 changed, 2 unchanged" in said
    assert list(Ticket.objects.order_by("pk").values()) == before
    assert Comment.objects.count() == 4
    assert not TicketChange.objects.exists()


def test_a_changed_line_changes_its_ticket_and_the_history_says_so(tmp_path):
    load(tmp_path, LINE)
    new = {"author": "Chris", "created_at": "2022-01-01T00:00:00Z", "body": "again"}
    said, _ = load(
        tmp_path,
        changed(
            subject="New", assigned_to="Chris", tags=["more"], comments=[*LINE["comments"], new]
        ),
    )
    assert "0 added, 1 changed, 0 unchanged, 0 left out, 1 comments added" in said
    told = TicketChange.objects.order_by("field").values_list("field", "old", "new")
    assert list(told) == [("assigned_to", "andrea", "Chris"), ("subject", LINE["subject"], "New")]
    assert Comment.objects.count() == 3
    assert Tag.objects.filter(tickets__external_id="60635").count() == 4


def test_what_was_said_at_the_desk_survives_loading_again(tmp_path):
    load(tmp_path, LINE)
    Comment.objects.create(ticket=Ticket.objects.get(), body="our own")
    load(tmp_path, LINE)
    assert Comment.objects.filter(body="our own").exists()
    assert Comment.objects.count() == 3


def test_an_id_that_comes_twice_in_a_file_ends_as_its_later_line(tmp_path):
    said, _ = load(tmp_path, LINE, changed(subject="later"))
    assert "1 added, 1 changed" in said
    assert Ticket.objects.get().subject == "later"


def test_the_same_id_of_another_source_is_another_ticket_with_a_code_of_its_own(tmp_path):
    load(tmp_path, LINE)
    said, code = load(tmp_path, LINE, source="other")
    assert "line 1: MOB-3 is taken, stored as MOB-3~2" in said
    assert code == 0
    said, _ = load(tmp_path, LINE, source="other")
    assert "0 added, 0 changed, 1 unchanged" in said


def test_repeated_codes_become_unique_whatever_else_the_file_holds(tmp_path):
    codes = ["A", "A", "A~2", "A", "A~2", *["B"] * 40]
    load(tmp_path, *(changed(id=n, ticket_code=code) for n, code in enumerate(codes)))
    stored = dict(Ticket.objects.values_list("external_id", "ticket_code"))
    assert len(set(stored.values())) == len(codes)
    assert stored["0"] == "A"
    assert stored["2"] == "A~2"
    assert all(stored[str(n)].startswith(code) for n, code in enumerate(codes))


@pytest.mark.parametrize("may_skip_checks", [True, False])
def test_filling_an_empty_desk_leaves_every_index_and_reference_in_place(
    tmp_path, monkeypatch, may_skip_checks
):
    def made():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT indexdef FROM pg_indexes WHERE tablename ~ '^(tickets|assets)_' UNION ALL"
                " SELECT conname || pg_get_constraintdef(oid) FROM pg_constraint"
            )
            return {row[0] for row in cursor.fetchall()}

    before = made()
    if not may_skip_checks:  # as where the database's person is no superuser
        monkeypatch.setattr(bulk, "can_skip_row_checks", lambda *tables: False)
    load(tmp_path, LINE)
    load(tmp_path, {"asset_tag": "T1", "name": "Box"}, command="load_assets")
    assert made() == before
    assert Ticket.objects.get().comments.count() == 2
    connection.check_constraints()


def test_a_bad_line_is_told_by_number_and_reason_and_the_others_are_loaded(tmp_path):
    said, code = load(tmp_path, LINE, "{broken", changed(id="3", subject=None), changed(id="4"))
    assert code == 1
    assert "line 2: not JSON: " in said
    assert "line 3: subject: missing" in said
    assert set(Ticket.objects.values_list("external_id", flat=True)) == {"60635", "4"}


def test_a_file_that_is_not_there_is_said_in_a_sentence(tmp_path):
    with pytest.raises(CommandError, match="No such file") as error:
        call_command("load_tickets", str(tmp_path / "none.jsonl"))
    assert error.value.returncode == 2


def test_a_missing_creation_time_is_the_time_of_loading(tmp_path, monkeypatch):
    before = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: datetime(2001, 1, 1, tzinfo=UTC))  # a wrong clock
    load(tmp_path, changed(created_at=None))
    monkeypatch.undo()
    assert before - timedelta(seconds=1) <= Ticket.objects.get().created_at <= timezone.now()


@pytest.mark.parametrize(
    ("status", "given", "state"),
    [
        ("Closed", (None, None), (False, True)),
        ("Closed", (True, None), (True, True)),
        ("Resolved", (None, False), (False, False)),
        ("Patch Available", (None, False), (True, False)),
        ("Won't Fix", (None, None), (False, False)),
        (None, (None, None), (True, False)),
        (None, (None, True), (False, True)),
    ],
)
def test_the_state_is_kept_as_given_and_else_follows_the_status(tmp_path, status, given, state):
    load(tmp_path, changed(status=status, is_open=given[0], is_resolved=given[1]))
    ticket = Ticket.objects.get()
    assert (ticket.is_open, ticket.is_resolved) == state


def test_unknown_people_cannot_log_in(tmp_path):
    load(tmp_path, LINE)
    for person in User.objects.filter(display_name__in=["andrea", "Andrea"]):
        assert not person.is_active
        assert not person.has_usable_password()


def test_someone_who_works_at_the_desk_is_known_by_the_exact_name(tmp_path):
    andrea = User.objects.create_user("aw", display_name="Andrea")
    load(tmp_path, LINE)
    ticket = Ticket.objects.get()
    assert ticket.created_by == andrea
    assert ticket.assigned_to != andrea


def test_two_of_one_name_at_the_desk_are_not_guessed_between(tmp_path):
    ours = [User.objects.create_user(f"a{n}", display_name="Andrea") for n in range(2)]
    load(tmp_path, LINE)
    assert Ticket.objects.get().created_by not in ours


def test_the_same_name_in_two_sources_is_two_people(tmp_path):
    load(tmp_path, LINE)
    load(tmp_path, LINE, source="other")
    assert User.objects.filter(display_name="andrea").count() == 2


def test_known_names_are_found_and_not_made_again(tmp_path):
    priority = Priority.objects.create(name="Sky high")
    status = Status.objects.create(name="Parked", is_open=False)
    load(tmp_path, changed(priority="Sky high", status="Parked", is_open=None))
    ticket = Ticket.objects.get()
    assert (ticket.priority, ticket.status, ticket.is_open) == (priority, status, False)


def test_assets_without_an_id_go_by_their_tag_and_its_place_among_equals(tmp_path):
    row = {"asset_tag": "T1", "name": "Box", "manufacturer": "ACME ", "serial_number": ""}
    rows = [row, {**row, "name": "Other box", "purchase_date": "12/03/2020"}]
    said, code = load(tmp_path, *rows, command="load_assets")
    assert code == 0
    assert "line 2: T1 is taken, stored as T1~2" in said
    assert set(Asset.objects.values_list("asset_tag", "name")) == {
        ("T1", "Box"),
        ("T1~2", "Other box"),
    }
    asset = Asset.objects.get(asset_tag="T1")
    assert (asset.manufacturer.name, asset.serial_number) == ("ACME ", "")
    said, _ = load(tmp_path, *rows, command="load_assets")
    assert "0 added, 0 changed, 2 unchanged" in said


def test_a_changed_asset_is_changed_and_the_history_says_so(tmp_path):
    row = {"asset_tag": "T1", "name": "Box", "manufacturer": "ACME"}
    load(tmp_path, row, command="load_assets")
    said, _ = load(tmp_path, {**row, "manufacturer": "Other"}, command="load_assets")
    assert "0 added, 1 changed" in said
    change = AssetChange.objects.get()
    assert (change.field, change.old, change.new) == ("manufacturer", "ACME", "Other")


def test_a_process_that_reads_and_is_killed_leaves_nothing_half_loaded(tmp_path, monkeypatch):
    rows = [changed(id=str(n), ticket_code=f"MOB-{n}", comments=[]) for n in range(9_000)]
    copied = bulk.copy_rows

    def copied_then_killed(*args):
        copied(*args)
        for process in reading():
            os.kill(process, signal.SIGKILL)

    monkeypatch.setattr(bulk, "copy_rows", copied_then_killed)
    with pytest.raises(CommandError, match="the process that reads it ended early") as error:
        call_command("load_tickets", str(written(tmp_path, *rows)))
    assert error.value.returncode == 2
    assert not Ticket.objects.exists()


def test_the_process_that_reads_ends_with_a_load_that_fails(tmp_path, monkeypatch):
    def broken(*args):
        assert reading()
        raise ZeroDivisionError

    monkeypatch.setattr(bulk, "copy_rows", broken)
    with pytest.raises(ZeroDivisionError):
        load(tmp_path, *(changed(id=str(n), ticket_code=f"MOB-{n}") for n in range(9_000)))
    assert not reading()


def reading():
    """Give the processes of ours that read a file."""
    children = Path(f"/proc/self/task/{threading.main_thread().native_id}/children")
    return [
        int(child)
        for child in children.read_text().split()
        if b"desk.demo.load.reader" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]
