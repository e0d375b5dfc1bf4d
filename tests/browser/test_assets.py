"""Assets in the browser: linked to a ticket, and changed together."""

from playwright.sync_api import expect

from desk.assets import actions
from desk.assets.models import Asset
from desk.people.models import User
from desk.tickets import actions as ticket_actions
from tests.browser.conftest import Visit


def _asset(tag: str, by: User) -> Asset:
    return actions.create({"name": f"Laptop {tag}", "asset_tag": tag}, by=by)


def test_an_asset_is_linked_to_a_ticket_and_taken_off_again(visit: Visit, dan: User) -> None:
    ticket = ticket_actions.create({"subject": "The fan is loud"}, by=dan)
    _asset("LT-7", dan)
    visit.log_in(dan)
    page = visit.open("tickets:detail", ticket.pk)
    card = page.locator("#assets")

    card.get_by_label("Tag of the asset").fill("lt-7")
    card.get_by_role("button", name="Link the asset").click()
    expect(card.get_by_role("link", name="Laptop LT-7")).to_be_visible()
    assert visit.audit() == []
    card.get_by_label("Tag of the asset").fill("nothing")
    card.get_by_role("button", name="Link the asset").click()
    expect(page.get_by_role("status")).to_contain_text("No asset has the tag “nothing”.")

    page.locator("#assets").get_by_role("button", name="Take Laptop LT-7 off the ticket").click()
    expect(page.locator("#assets")).to_contain_text("None linked")
    assert not ticket.assets.exists()


def test_selected_assets_change_together(visit: Visit, dan: User) -> None:
    for number in range(3):
        _asset(f"LT-{number}", dan)
    visit.log_in(dan)
    page = visit.open("assets:list")

    page.get_by_label("Select all rows of this page").check()
    expect(page.locator("[data-chosen]")).to_have_text("3")
    page.get_by_label("Status", exact=True).last.select_option(label="In repair")
    assert visit.audit() == []
    page.get_by_role("button", name="Apply", exact=True).click()

    expect(page.get_by_role("status")).to_contain_text("3 assets are changed.")
    assert {*Asset.objects.values_list("status__name", flat=True)} == {"In repair"}
