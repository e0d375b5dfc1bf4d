"""The page for browsing the API works under the strict policy of Desk."""

from playwright.sync_api import expect

from desk.people.models import User
from tests.browser.conftest import Visit


def test_the_api_can_be_browsed_and_names_what_each_export_takes(visit: Visit, ada: User) -> None:
    visit.log_in(ada)
    page = visit.open("/api/v1/docs")
    expect(page.get_by_text("/api/v1/tickets/export")).to_be_visible()
    page.get_by_text("/api/v1/tickets/export").click()
    expect(page.get_by_text("Idempotency-Key").first).to_be_visible()
