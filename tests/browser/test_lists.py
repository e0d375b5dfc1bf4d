"""A list by ear, by few keys, on a small screen, and without JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from desk.people.models import User
from desk.tickets import actions
from desk.tickets.models import Ticket
from tests.browser.conftest import Visit

type VisitWith = Callable[..., Visit]
SMALL = {"width": 360, "height": 740}


@pytest.fixture
def three(ada: User) -> list[Ticket]:
    """Three open tickets of Ada's."""
    return [actions.create({"subject": word}, by=ada) for word in ("Printer", "VPN", "Badge")]


def _heads(page: Page) -> list[str]:
    return [head.strip() for head in page.get_by_role("columnheader").all_inner_texts()]


def test_single_keys_can_be_turned_off(visit: Visit, ada: User, three: list[Ticket]) -> None:
    page = visit.log_in(ada)
    visit.open("people:profile")
    page.get_by_label("Single keys act on pages").uncheck()
    page.get_by_role("button", name="Save").click()
    visit.open("tickets:list")
    page.locator("h1").click()
    for key in ("c", "x", "f", "/", "j"):
        page.keyboard.press(key)
        page.wait_for_timeout(100)

    expect(page).to_have_title("All open · Desk")
    expect(page.get_by_role("button", name="Apply filters")).to_be_hidden()
    expect(page.get_by_label("Search tickets")).not_to_be_focused()
    expect(page.locator(".find kbd")).to_be_hidden()
    expect(page.locator("[aria-keyshortcuts]")).to_have_count(0)


def test_what_changes_in_a_list_is_said_aloud_and_the_focus_stays_near(
    visit: Visit, ada: User, three: list[Ticket]
) -> None:
    actions.close(three[0], by=ada)
    page = visit.log_in(ada)
    said = page.locator("#listed")
    expect(said).to_contain_text("2 tickets")
    region = said.element_handle()

    page.get_by_label("Remove the filter Open").focus()
    page.keyboard.press("Enter")
    expect(said).to_contain_text("3 tickets")
    expect(page.locator("#filter-menu > summary")).to_be_focused()
    page.keyboard.press("Enter")
    page.get_by_label("Unassigned").select_option("true")
    page.get_by_role("button", name="Apply filters").press("Enter")
    expect(page.get_by_text("Unassigned yes")).to_be_visible()
    expect(page.locator("#filter-menu > summary")).to_be_focused()

    page.locator("#sort-ticket_code").press("Enter")
    expect(said).to_contain_text("sorted by Code upwards")
    expect(page.locator("#sort-ticket_code")).to_be_focused()
    assert region is not None
    assert region.evaluate("(one) => one.isConnected")


def test_a_list_is_sorted_and_read_whole_on_a_small_screen(
    visit_with: VisitWith, ada: User, three: list[Ticket]
) -> None:
    visit = visit_with(viewport=SMALL)
    page = visit.log_in(ada)
    page.locator("#sort-menu > summary").click()
    page.locator("#order-ticket_code").click()
    expect(page.locator("#sort-menu > summary")).to_contain_text("Code")
    codes = page.locator("td.code").all_inner_texts()
    assert codes == sorted(codes)

    expect(page.get_by_text("Created by", exact=False).last).to_be_hidden()
    visit.open("/staff/tickets/?columns=ticket_code&columns=subject&columns=created_by")
    cell = page.locator("td[data-label='Created by']").first
    expect(cell).to_be_visible()
    expect(cell).to_contain_text("Ada")
    assert "Created by" in cell.evaluate("(one) => getComputedStyle(one, '::before').content")

    page.locator("td.tick input").first.check()
    page.get_by_role("button", name="Select the whole page").click()
    expect(page.locator("[data-chosen]")).to_have_text("3")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_columns_are_ordered_by_numbers_without_javascript(
    visit_with: VisitWith, ada: User, three: list[Ticket]
) -> None:
    visit = visit_with(java_script_enabled=False)
    page = visit.log_in(ada)
    page.locator("#columns-menu > summary").click()
    page.get_by_label("Place of Status", exact=True).fill("1")
    page.get_by_role("button", name="Show these").click()
    heads = [head for head in _heads(page) if head]
    assert heads[:3] == ["Status", "Code", "Subject"]

    page.get_by_role("button", name="Export", exact=False).first.click()
    page.get_by_label("Place of Status", exact=True).fill("3")
    page.get_by_role("button", name="Estimate").click()
    keys = page.locator("input[name=columns]").evaluate_all("(all) => all.map((one) => one.value)")
    assert keys[:3] == ["ticket_code", "subject", "status"]


def test_numbers_to_order_by_do_not_undo_moves_by_buttons(
    visit: Visit, ada: User, three: list[Ticket]
) -> None:
    page = visit.log_in(ada)
    for _time in range(2):  # the second menu came by a swap
        page.get_by_text("Columns", exact=True).click()
        page.get_by_role("button", name="Move Priority up").click()
        page.get_by_role("button", name="Show these").click()
        expect(page.get_by_role("button", name="Show these")).to_be_hidden()

    expect(page.get_by_role("columnheader").nth(2)).to_have_text("Priority")
    assert "place." not in page.url


def test_shift_takes_all_rows_between_two_ticks(visit: Visit, ada: User) -> None:
    for number in range(6):
        actions.create({"subject": f"Printer {number}"}, by=ada)
    page = visit.log_in(ada)
    visit.open("tickets:list")
    ticks = page.locator("td.tick input")
    ticks.nth(1).click()
    ticks.nth(4).click(modifiers=["Shift"])
    assert ticks.evaluate_all("all => all.map(one => one.checked)") == [False, *[True] * 4, False]
    expect(page.locator("[data-chosen]").first).to_have_text("4")
    ticks.nth(2).click(modifiers=["Shift"])
    assert ticks.evaluate_all("all => all.map(one => one.checked)") == [
        False, True, False, False, False, False,
    ]  # fmt: skip


def test_applying_no_change_is_not_called_a_success(
    visit: Visit, ada: User, three: list[Ticket]
) -> None:
    page = visit.log_in(ada)
    visit.open("tickets:list")
    page.locator("td.tick input").first.check()
    page.get_by_role("button", name="Apply", exact=True).click()
    expect(page.get_by_text("Select rows, and choose what to change about them.")).to_be_visible()


@pytest.mark.parametrize("width", [1024, 1280])
def test_tables_keep_words_whole_and_pages_stay_in_their_width(
    visit: Visit, ada: User, three: list[Ticket], width: int
) -> None:
    page = visit.log_in(ada)
    page.set_viewport_size({"width": width, "height": 800})
    for name in ("people:list", "people:roles", "people:teams", "tickets:list", "waybill:history"):
        visit.open(name)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        heights = page.locator("tbody tr").evaluate_all("all => all.map(row => row.offsetHeight)")
        assert max(heights, default=0) < 150, (name, heights)
