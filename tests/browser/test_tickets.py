"""A team works tickets: from creation to closing, by views, filters and in bulk."""

import re

import pytest
from playwright.sync_api import Page, expect

from desk.people.models import Team, User
from desk.tickets import actions
from desk.tickets.models import Priority, Ticket
from tests.browser.conftest import Visit


def _ticket(subject: str, by: User, **values: object) -> Ticket:
    return actions.create({"subject": subject, **values}, by=by)


@pytest.fixture
def five(ada: User) -> list[Ticket]:
    """Five open tickets of Ada's."""
    words = ("Printer jams", "VPN drops", "請求書が届かない", "Zugriff fehlt", '=HYPERLINK("x")')
    return [_ticket(word, ada) for word in words]


def _row(page: Page, subject: str) -> object:
    return page.get_by_role("row").filter(has_text=subject)


@pytest.mark.parametrize("name", ["ada", "ben", "cleo", "dan"])
def test_each_of_the_four_works_a_ticket_from_creation_to_closing(
    name: str, visit: Visit, request: pytest.FixtureRequest
) -> None:
    who = request.getfixturevalue(name)
    page = visit.log_in(who)

    page.get_by_role("link", name="New ticket").click()
    expect(page).to_have_title("New ticket · Desk")
    page.get_by_label("Subject").fill("The door badge does not open the lab")
    page.get_by_label("Description").fill("Since Monday.\nThe light stays red.")
    page.get_by_label("Priority").select_option(label="High")
    page.get_by_role("button", name="Create ticket").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "The door badge does not open the lab"
    )

    page.get_by_role("button", name="Assign to me").click()
    expect(page.get_by_label("Assigned to")).to_have_value(str(who.pk))
    page.get_by_label("Your comment").fill("Sent a new badge.")
    page.get_by_role("button", name="Add comment").click()
    expect(page.get_by_role("article").filter(has_text="Sent a new badge.")).to_be_visible()
    page.get_by_role("button", name="Close ticket").click()

    expect(page.get_by_label("Status")).to_have_value(re.compile(r"\d+"))
    expect(page.get_by_role("button", name="Open again")).to_be_visible()
    ticket = Ticket.objects.get()
    assert (ticket.is_open, ticket.assigned_to, ticket.priority.name) == (False, who, "High")
    assert ticket.description == "Since Monday.\nThe light stays red."
    assert visit.audit() == []


def test_a_view_is_saved_and_found_again(visit: Visit, ada: User, five: list[Ticket]) -> None:
    page = visit.log_in(ada)
    page.get_by_text("Filter", exact=True).click()
    page.get_by_label("Unassigned").select_option("true")
    page.get_by_role("button", name="Apply filters").click()
    expect(page.get_by_text("Changed", exact=True)).to_be_visible()
    page.locator("#view-menu summary").click()
    page.get_by_label("Save this list as a view").fill("Nobody has these")
    page.get_by_role("button", name="Save view").click()

    side = page.get_by_role("complementary", name="Views")
    expect(side.get_by_role("link", name="Nobody has these")).to_have_attribute(
        "aria-current", "page"
    )
    visit.open("tickets:list")
    side.get_by_role("link", name="Nobody has these").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Nobody has these")
    expect(page.get_by_text("Unassigned yes")).to_be_visible()
    expect(page.get_by_role("row")).to_have_count(6)


def test_a_view_is_renamed_shared_and_deleted(
    visit: Visit, ada: User, ben: User, five: list[Ticket]
) -> None:
    page = visit.log_in(ada)
    page.locator("#view-menu summary").click()
    page.get_by_label("Save this list as a view").fill("Draft")
    page.get_by_role("button", name="Save view").click()
    page.locator("#view-menu summary").click()
    page.get_by_role("link", name="Rename, share or delete").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Change the view")
    page.get_by_label("Name").fill("For all of us")
    page.get_by_label("Shared with everybody").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("For all of us")

    page.locator("#view-menu summary").click()
    page.get_by_role("link", name="Rename, share or delete").click()
    page.get_by_text("Delete the view…").click()
    expect(page.get_by_text("It is gone for everybody who opens it.")).to_be_visible()
    page.get_by_role("button", name="Delete the view").click()
    expect(page.get_by_role("status")).to_contain_text("is deleted")
    expect(page.get_by_role("link", name="For all of us")).to_have_count(0)


def test_the_side_bar_counts_every_view(visit: Visit, ada: User, five: list[Ticket]) -> None:
    page = visit.log_in(ada)

    unassigned = page.get_by_role("link", name="Unassigned")
    expect(unassigned.locator(".count")).to_have_text("5")


def test_the_number_of_what_a_common_word_finds_follows_the_rows(
    visit: Visit, ada: User, five: list[Ticket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("desk.lists.reading.COUNTED", 0)
    monkeypatch.setattr("desk.lists.totals.guess", lambda rows: 17)
    page = visit.log_in(ada)
    page.get_by_label("Search tickets").fill("printer")
    page.get_by_label("Search tickets").press("Enter")

    expect(page.locator("#total")).to_have_text("1 ticket")
    expect(page.locator("#pager")).to_contain_text("1–1 of 1")
    expect(page.get_by_role("button", name="Export 1 ticket")).to_be_visible()
    expect(page).to_have_url(re.compile("search=printer"))
    expect(page).not_to_have_url(re.compile("counted"))
    assert visit.audit() == []


def test_selected_tickets_change_together(visit: Visit, ada: User, five: list[Ticket]) -> None:
    page = visit.log_in(ada)
    page.get_by_label("Select all rows of this page").check()
    expect(page.locator("[data-chosen]")).to_have_text("5")
    page.get_by_label("Priority", exact=True).last.select_option(label="Urgent")
    page.get_by_role("button", name="Apply", exact=True).click()

    expect(page.get_by_role("status")).to_contain_text("5 tickets are changed.")
    assert set(Ticket.objects.values_list("priority__name", flat=True)) == {"Urgent"}


def test_the_list_sorts_without_a_reload_and_by_its_address(
    visit: Visit, ada: User, five: list[Ticket]
) -> None:
    urgent = Priority.objects.get(name="Urgent")
    actions.set_priority(five[2], urgent, by=ada)
    page = visit.log_in(ada)
    page.evaluate("window.same = true")
    page.get_by_role("link", name="Priority").click()

    expect(page.get_by_role("columnheader", name="Priority")).to_have_attribute(
        "aria-sort", "descending"
    )
    expect(page).to_have_url(re.compile("sort=-priority"))
    assert page.evaluate("window.same") is True
    page.reload()
    expect(page.get_by_role("columnheader", name="Priority")).to_have_attribute(
        "aria-sort", "descending"
    )


def test_slash_searches_and_escape_closes_menus(
    visit: Visit, ada: User, five: list[Ticket]
) -> None:
    page = visit.log_in(ada)
    page.keyboard.press("/")
    page.keyboard.type("請求書")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row")).to_have_count(2)
    expect(page.get_by_role("link", name="請求書が届かない")).to_be_visible()

    page.keyboard.press("f")
    expect(page.get_by_role("button", name="Apply filters")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Apply filters")).to_be_hidden()


def test_columns_are_chosen_and_ordered(visit: Visit, ada: User, five: list[Ticket]) -> None:
    page = visit.log_in(ada)
    page.get_by_text("Columns", exact=True).click()
    page.get_by_role("checkbox", name="Code").uncheck()
    page.get_by_role("checkbox", name="Created by").check()
    page.get_by_role("button", name="Move Status up").click()
    page.get_by_role("button", name="Show these").click()

    expect(page.get_by_role("columnheader", name="Code")).to_have_count(0)
    heads = page.get_by_role("columnheader").all_inner_texts()
    assert [head.strip() for head in heads if head.strip()][:2] == ["Status", "Subject"]
    assert "Created by" in [head.strip() for head in heads]


def test_a_field_beside_the_conversation_changes_in_place(
    visit: Visit, ada: User, five: list[Ticket]
) -> None:
    page = visit.log_in(ada)
    visit.open("tickets:detail", five[0].pk)
    page.evaluate("window.same = true")
    page.get_by_label("Priority").select_option(label="Urgent")

    expect(page.get_by_text("changed priority")).to_be_visible()
    assert page.evaluate("window.same") is True
    five[0].refresh_from_db()
    assert five[0].priority is not None
    assert five[0].priority.name == "Urgent"


def test_an_internal_note_says_so(visit: Visit, ada: User, five: list[Ticket]) -> None:
    page = visit.log_in(ada)
    visit.open("tickets:detail", five[0].pk)
    page.get_by_text("Internal note").click()
    page.get_by_label("Your comment").fill("The customer is angry.")
    page.get_by_role("button", name="Add comment").click()

    note = page.get_by_role("article").filter(has_text="The customer is angry.")
    expect(note).to_contain_text("Internal note")
    assert five[0].comments.get().is_internal


def test_a_deleted_ticket_is_restored(visit: Visit, ada: User, five: list[Ticket]) -> None:
    page = visit.log_in(ada)
    visit.open("tickets:detail", five[0].pk)
    page.get_by_label("More").click()
    page.get_by_role("button", name="Delete ticket").click()
    expect(page.get_by_text("This ticket is deleted")).to_be_visible()

    page.get_by_role("button", name="Restore").click()

    expect(page.get_by_role("status")).to_contain_text("The ticket is back.")


def test_a_ticket_of_another_team_is_not_there(visit: Visit, ada: User, dan: User) -> None:
    ticket = _ticket("Salaries", ada, team=Team.objects.create(name="Finance"))
    page = visit.log_in(dan)

    visit.open("tickets:detail", ticket.pk)

    expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()


def test_a_filter_that_means_nothing_is_refused_in_words(visit: Visit, ada: User) -> None:
    page = visit.log_in(ada)

    visit.open("/staff/tickets/?assigned_to__password=x")

    expect(page.get_by_role("alert")).to_contain_text("assigned_to__password")
