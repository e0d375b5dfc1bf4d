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


def test_the_api_can_be_tried_by_whoever_is_logged_in(visit: Visit, ada: User) -> None:
    visit.log_in(ada)
    page = visit.open("/api/v1/docs")
    operation = page.locator(".opblock-get").filter(has_text="/api/v1/exports").first
    operation.get_by_role("button").first.click()
    operation.get_by_role("button", name="Try it out").click()
    operation.get_by_role("button", name="Execute").click()
    expect(operation.locator(".live-responses-table .response-col_status").last).to_have_text("200")
