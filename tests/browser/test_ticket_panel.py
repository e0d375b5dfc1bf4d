"""Fields beside a conversation change in place, and nothing that is being written is lost."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import sleep
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.db import transaction
from playwright.sync_api import Page, expect

from desk.people.models import Team, User
from desk.tickets import actions
from desk.tickets.models import Status, Ticket
from tests.browser.conftest import Visit
from tests.factories.workers import until


@pytest.fixture
def jam(ada: User) -> Ticket:
    """One open ticket of Ada's."""
    return actions.create({"subject": "Printer jams"}, by=ada)


def test_a_half_written_comment_outlives_a_change_beside_it(
    visit: Visit, ada: User, jam: Ticket
) -> None:
    page = visit.log_in(ada)
    visit.open("tickets:detail", jam.pk)
    page.get_by_text("Internal note").click()
    page.get_by_label("Your comment").fill("I have asked the supplier, and")
    page.get_by_label("Status").select_option(label="Waiting on customer")

    expect(page.get_by_text("changed status")).to_be_visible()
    expect(page.get_by_label("Your comment")).to_have_value("I have asked the supplier, and")
    expect(page.get_by_label("Internal note")).to_be_checked()
    page.get_by_role("button", name="Add comment").click()
    note = page.get_by_role("article").filter(has_text="I have asked the supplier, and")
    expect(note).to_contain_text("Internal note")


def writing(visit: Visit, person: User, ticket: Ticket, text: str) -> Page:
    """Open a ticket and write a comment that is not sent yet."""
    page = visit.log_in(person)
    visit.open("tickets:detail", ticket.pk)
    page.get_by_label("Your comment").fill(text)
    return page


def too_late(visit: Visit, person: User, ticket: Ticket, text: str) -> Page:
    """Send a comment after the log-in was over, log in again, and open the ticket."""
    page = writing(visit, person, ticket, text)
    Session.objects.all().delete()
    page.get_by_role("button", name="Add comment").click()
    page.wait_for_url("**/login/**")
    visit.log_in(person)
    visit.open("tickets:detail", ticket.pk)
    return page


def test_a_half_written_comment_outlives_every_button_of_its_ticket(
    visit: Visit, ada: User, jam: Ticket
) -> None:
    page = visit.log_in(ada)
    visit.open("tickets:detail", jam.pk)
    page.get_by_text("Internal note").click()
    page.get_by_label("Your comment").fill("Between us:\nthe supplier is late")
    page.get_by_role("button", name="Assign to me").click()

    expect(page.get_by_text("The ticket is yours.")).to_be_visible()
    expect(page.get_by_label("Your comment")).to_have_value("Between us:\nthe supplier is late")
    expect(page.get_by_label("Internal note")).to_be_checked()
    page.get_by_role("button", name="Add comment").click()
    note = page.get_by_role("article").filter(has_text="the supplier is late")
    expect(note).to_contain_text("Internal note")
    expect(page.get_by_label("Your comment")).to_have_value("")
    page.reload()
    expect(page.get_by_label("Your comment")).to_have_value("")


def test_a_comment_that_could_not_be_sent_is_still_there(
    visit: Visit, ada: User, jam: Ticket
) -> None:
    """Somebody was logged out while writing."""
    page = too_late(visit, ada, jam, "I have asked the supplier")
    expect(page.get_by_label("Your comment")).to_have_value("I have asked the supplier")
    assert jam.comments.count() == 0


def test_what_was_said_before_does_not_take_a_draft_of_the_same_words(
    visit: Visit, ada: User, jam: Ticket
) -> None:
    actions.comment(jam, "Thanks", by=ada)
    page = too_late(visit, ada, jam, "Thanks")
    expect(page.get_by_label("Your comment")).to_have_value("Thanks")

    page.get_by_role("button", name="Add comment").click()
    expect(page.get_by_role("article").filter(has_text="Thanks")).to_have_count(2)
    page.reload()
    expect(page.get_by_label("Your comment")).to_have_value("")


def kept(page: Page) -> list[str]:
    """Name what the tab keeps."""
    names: list[str] = page.evaluate("Object.keys(sessionStorage)")
    return names


def test_who_logs_out_takes_the_drafts_along(visit: Visit, ada: User, jam: Ticket) -> None:
    page = visit.log_in(ada)
    visit.open("tickets:detail", jam.pk)
    page.get_by_label("Your comment").fill("Between us")
    assert [name for name in kept(page) if "draft" in name]
    page.get_by_label("Your account").click()
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_title("Log in · Desk")
    assert [name for name in kept(page) if "draft" in name] == []


@contextmanager
def storing(page: Page, ticket: Ticket) -> Iterator[None]:
    """Change the status, and hold up its request for the block."""
    with transaction.atomic():
        Ticket.objects.select_for_update().get(pk=ticket.pk)  # the request waits for this row
        with page.expect_request("**/fields"):
            page.get_by_label("Status").select_option(label="Waiting on customer")
        yield


@pytest.mark.parametrize(
    ("field", "chosen", "stored"),
    [("Priority", "High", ("Waiting on customer", "High")), ("Status", "New", ("New", "None"))],
    ids=["another field", "set back"],
)
def test_a_field_changed_while_one_is_being_stored_is_stored_too(
    visit: Visit, ada: User, jam: Ticket, field: str, chosen: str, stored: tuple[str, str]
) -> None:
    page = visit.log_in(ada)
    visit.open("tickets:detail", jam.pk)
    with storing(page, jam):
        page.get_by_label(field).select_option(label=chosen)
    expect(page.get_by_text(re.compile("changed (status|priority)"))).to_have_count(2)

    jam.refresh_from_db()
    assert (str(jam.status), str(jam.priority)) == stored


def test_a_day_changed_while_a_field_is_being_stored_takes_back_no_others_change(
    visit: Visit, ada: User, ben: User, jam: Ticket
) -> None:
    """Until the day is left, a colleague closes the ticket."""
    page = visit.log_in(ada)
    visit.open("tickets:detail", jam.pk)
    day = page.get_by_label("Due")
    with storing(page, jam):
        day.fill("2026-12-24T12:00")
    expect(page.get_by_text("changed status")).to_be_visible()
    expect(day).to_have_value("2026-12-24T12:00")
    actions.close(jam, by=ben)
    day.blur()
    expect(page.get_by_text("changed due")).to_be_visible()

    jam.refresh_from_db()
    assert (str(jam.status), jam.due_date is not None) == ("Closed", True)


def test_walking_through_the_states_by_keyboard_stores_the_last_one_only(
    visit: Visit, ada: User, jam: Ticket
) -> None:
    page = visit.log_in(ada)
    visit.open("tickets:detail", jam.pk)
    status = page.get_by_label("Status")
    status.focus()
    for _step in range(3):
        status.press("ArrowDown")
    chosen = Status.objects.get(pk=status.input_value())
    status.press("Tab")

    expect(page.get_by_text("changed status")).to_have_count(1)
    jam.refresh_from_db()
    assert jam.status == chosen
    assert jam.changes.filter(field="status").count() == 1


def test_a_date_that_is_typed_is_stored_when_it_is_whole(
    visit: Visit, ada: User, jam: Ticket
) -> None:
    actions.edit(jam, {"due_date": datetime(2026, 11, 30, 21, 15, tzinfo=UTC)}, by=ada)
    page = visit.log_in(ada)
    visit.open("tickets:detail", jam.pk)
    due = page.get_by_label("Due")
    due.focus()
    for key in ("ArrowRight", "ArrowRight", "2", "0", "2", "7"):
        page.keyboard.press(key)
        page.wait_for_timeout(100)  # for what each key might send
    expect(due).to_be_focused()
    expect(due).to_have_value("2027-11-30T21:15")
    page.get_by_label("Your comment").click()

    expect(page.get_by_text("2027")).to_have_count(2)  # in the head, and in the history
    assert jam.changes.filter(field="due_date").count() == 2


def test_a_change_is_stored_before_the_comment_that_follows_at_once(
    visit: Visit, ada: User, jam: Ticket
) -> None:
    page = writing(visit, ada, jam, "Asked the supplier.")
    page.get_by_label("Status").select_option(label="Waiting on customer")
    page.get_by_role("button", name="Add comment").click()

    expect(page.get_by_role("article").filter(has_text="Asked the supplier.")).to_be_visible()
    expect(page.get_by_label("Status").locator("option:checked")).to_have_text(
        "Waiting on customer"
    )
    assert str(Ticket.objects.get(pk=jam.pk).status) == "Waiting on customer"
    assert jam.changes.filter(field="status").count() == 1
    assert jam.comments.count() == 1


def test_a_change_is_stored_though_the_page_is_left_at_once(
    visit: Visit, ada: User, jam: Ticket
) -> None:
    page = visit.log_in(ada)
    visit.open("tickets:detail", jam.pk)
    page.get_by_label("Priority").focus()
    page.get_by_label("Priority").select_option(label="High")
    visit.open("tickets:list")
    until(lambda: str(Ticket.objects.get(pk=jam.pk).priority) == "High")
    visit.open("tickets:detail", jam.pk)
    expect(page.get_by_text("changed priority")).to_be_visible()


def test_a_day_without_its_time_is_said_to_be_missing(visit: Visit, ada: User, jam: Ticket) -> None:
    page = visit.log_in(ada)
    visit.open("tickets:detail", jam.pk)
    said = page.get_by_text("Not stored yet: give the day and the time.")
    page.get_by_label("Due").click()
    page.keyboard.type("12242026")
    page.get_by_label("Your comment").click()
    expect(said).to_be_visible()
    page.get_by_label("Due").fill("2026-12-24T17:00")
    page.get_by_label("Your comment").click()
    expect(page.get_by_text("changed due")).to_be_visible()
    expect(said).to_be_hidden()


def test_a_status_is_changed_for_another_one_and_not_removed(
    visit: Visit, ada: User, jam: Ticket
) -> None:
    page = visit.log_in(ada)
    visit.open("tickets:detail", jam.pk)
    assert "" not in page.get_by_label("Status").locator("option").evaluate_all(
        "all => all.map(one => one.value)"
    )
    visit.open("tickets:new")
    expect(page.get_by_label("Status").locator("option:checked")).to_have_text("New")
    Ticket.objects.filter(pk=jam.pk).update(status=None)
    visit.open("tickets:detail", jam.pk)
    expect(page.get_by_label("Status").locator("option:checked")).to_have_text("–")


def test_a_half_cleared_day_leaves_the_stored_one(visit: Visit, ada: User, jam: Ticket) -> None:
    due = datetime(2026, 12, 24, 16, tzinfo=UTC)
    Ticket.objects.filter(pk=jam.pk).update(due_date=due)
    page = visit.log_in(ada)
    visit.open("tickets:detail", jam.pk)
    page.get_by_label("Due").click()
    page.keyboard.press("Backspace")
    page.get_by_label("Priority").select_option(label="High")
    page.get_by_label("Your comment").fill("Still on it.")
    page.get_by_role("button", name="Add comment").click()
    expect(page.get_by_role("article").filter(has_text="Still on it.")).to_be_visible()
    now = Ticket.objects.get(pk=jam.pk)
    assert (now.due_date, str(now.priority)) == (due, "High")


def assert_both_stored(page: Page, ticket: Ticket, text: str) -> None:
    """The comment is there once, and so is the status that was chosen beside it."""
    expect(page.get_by_role("article").filter(has_text=text)).to_be_visible()
    assert ticket.comments.count() == 1
    assert str(Ticket.objects.get(pk=ticket.pk).status) == "In progress"


def test_a_comment_is_sent_once_however_often_its_button_is_pressed(
    visit: Visit, ada: User, jam: Ticket
) -> None:
    page = writing(visit, ada, jam, "Twice pressed.")
    page.get_by_label("Status").select_option(label="In progress")
    page.get_by_role("button", name="Add comment").dblclick()
    assert_both_stored(page, jam, "Twice pressed.")


def test_a_comment_beside_a_change_under_way_is_sent(
    visit: Visit, ada: User, jam: Ticket, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit = actions.edit

    def slow(*given: Any, **by: Any) -> Ticket:
        sleep(0.6)
        return edit(*given, **by)

    monkeypatch.setattr(actions, "edit", slow)
    page = writing(visit, ada, jam, "Meanwhile.")
    page.get_by_label("Status").select_option(label="In progress")
    page.wait_for_timeout(1_200)
    page.get_by_role("button", name="Add comment").click()
    assert_both_stored(page, jam, "Meanwhile.")


def test_a_comment_comes_before_its_ticket_is_handed_to_another_team(
    visit: Visit, dan: User
) -> None:
    other = Team.objects.create(name="Elsewhere")
    dan.teams.add(own := Team.objects.create(name="Here"))
    mine = actions.create({"subject": "Printer", "team": own}, by=None)
    page = writing(visit, dan, mine, "Over to you.")
    page.get_by_label("Team").select_option(label="Elsewhere")
    page.get_by_role("button", name="Add comment").click()
    until(lambda: Ticket.objects.get(pk=mine.pk).team == other)
    assert mine.comments.get().body == "Over to you."
