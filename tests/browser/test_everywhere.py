"""Every page: for axe-core, on a small screen, in the dark, by keyboard, without JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from desk.assets import actions as asset_actions
from desk.people import tokens
from desk.people.models import User
from desk.tickets import actions
from desk.tickets.models import Ticket
from desk.views.models import SavedView
from tests.browser.conftest import Visit
from waybill import exports
from waybill.shortid import to_short

# Twenty-six pages with axe-core on each take a minute on a busy machine.
pytestmark = [
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
    pytest.mark.timeout(600),
]

type VisitWith = Callable[..., Visit]


@pytest.fixture
def addresses(transactional_db: None, ada: User) -> list[str]:
    """The addresses of all pages, with something on each."""
    ticket = actions.create({"subject": "Printer jams"}, by=ada)
    actions.comment(ticket, "Looking at it.", by=ada, internal=True)
    actions.assign(ticket, ada, by=ada)
    asset = asset_actions.create({"name": "Laptop", "asset_tag": "A-1"}, by=ada)
    tokens.create_token(ada, name="nightly report", by=ada)
    job = to_short(exports.start("tickets", by=ada).pk)
    view = SavedView.objects.filter(subject="tickets").first()
    assert view is not None
    staff = [
        "tickets/",
        "tickets/?search=nothing-like-it",
        "tickets/deleted/",
        "tickets/new",
        f"tickets/{ticket.pk}/",
        f"tickets/{ticket.pk}/edit",
        "assets/",
        "assets/new",
        f"assets/{asset.pk}/",
        f"views/{view.pk}/",
        "people/",
        "people/new",
        f"people/{ada.pk}/",
        "people/roles/",
        "people/roles/new",
        "people/teams/",
        "people/teams/new",
        "tokens/?everybody",
        "tokens/new",
        "profile/",
        "password/",
        "exports/",
        "exports/new/tickets/",
        "exports/verify",
        f"exports/{job}/",
        f"exports/{job}/log",
        "nothing-here",
    ]
    return [f"/staff/{path}" for path in staff]


def test_axe_finds_nothing_serious_and_nothing_sticks_out_at_360_pixels(
    visit_with: VisitWith, ada: User, addresses: list[str]
) -> None:
    visit = visit_with(viewport={"width": 360, "height": 740})
    visit.log_in(ada)

    found = {}
    for address in addresses:
        page = visit.open(address)
        wide = page.evaluate("document.documentElement.scrollWidth")
        sticks_out = [f"{wide} pixels wide"] if wide > 360 else []
        if problems := [*visit.audit_light_and_dark(), *sticks_out]:
            found[address] = problems

    assert found == {}
    assert visit.problems == []


def test_axe_finds_nothing_serious_on_a_large_screen(
    visit: Visit, ada: User, addresses: list[str]
) -> None:
    visit.open("people:login")
    found = {"log-in": visit.audit()}
    visit.log_in(ada)

    for address in addresses:
        visit.open(address)
        found[address] = visit.audit()

    assert {address: problems for address, problems in found.items() if problems} == {}


def test_a_ticket_is_worked_and_exported_without_javascript(
    visit_with: VisitWith, ada: User
) -> None:
    visit = visit_with(java_script_enabled=False)
    page = visit.log_in(ada)
    page.get_by_role("link", name="New ticket").click()
    page.locator("#id_subject").fill("The door badge does not open the lab")
    page.get_by_role("button", name="Create ticket").click()
    page.get_by_label("Priority").select_option(label="Urgent")
    page.get_by_role("button", name="Save details").click()
    page.get_by_label("Your comment").fill("Sent a new badge.")
    page.get_by_role("button", name="Add comment").click()
    expect(page.get_by_text("Sent a new badge.").first).to_be_visible()
    ticket = Ticket.objects.select_related("priority").get()
    assert ticket.priority is not None
    assert ticket.priority.name == "Urgent"

    visit.open("tickets:list")
    page.get_by_role("button", name="Export 1 ticket").click()
    page.get_by_label("CSV", exact=False).first.check()
    with page.expect_download() as came:
        page.locator("form.export button.primary").click()
    assert "door badge" in came.value.path().read_text("utf-8-sig")


def test_a_status_page_moves_on_without_javascript(visit_with: VisitWith, ben: User) -> None:
    visit = visit_with(java_script_enabled=False)
    visit.log_in(ben)
    job = exports.start("tickets", by=ben)
    page = visit.open("waybill:status", to_short(job.pk))
    expect(page.locator(".pill")).to_have_text("Queued")

    type(job).objects.filter(pk=job.pk).update(status="canceled")

    expect(page.locator(".pill")).to_have_text("Canceled", timeout=15_000)


def test_a_ticket_is_made_and_closed_by_keyboard_alone(visit: Visit, dan: User) -> None:
    page = visit.open("people:login")
    expect(page.locator("#id_username")).to_be_focused()
    page.keyboard.type("dan")
    page.keyboard.press("Tab")
    expect(page.locator("#id_password")).to_be_focused()
    page.keyboard.type("walrus-lantern-42")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    with page.expect_navigation():
        page.keyboard.press("c")
    page.locator("#id_subject").focus()
    page.keyboard.type("Typed, not clicked")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.keyboard.press("r")
    expect(page.get_by_label("Your comment")).to_be_focused()
    page.keyboard.type("Done.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")

    expect(page.get_by_role("button", name="Open again")).to_be_visible()
    assert not Ticket.objects.get().is_open


def test_the_skip_link_comes_first(visit: Visit, dan: User) -> None:
    page = visit.log_in(dan)
    page.keyboard.press("Tab")

    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
