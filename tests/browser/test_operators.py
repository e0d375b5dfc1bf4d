"""The pages of those who run the site, in a real browser."""

import pytest
from django.db import connection
from playwright.sync_api import expect

from desk.people.models import User
from tests.browser.conftest import Visit
from tests.factories.jobs import claimed, finished, requested
from tests.integration.test_operators_pages import MANY, TICKETS
from waybill import errors
from waybill.jobs import presence, settle, verdict

pytestmark = pytest.mark.usefixtures("fresh_folder", "quiet_doorbell")

WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def _some(ada: User) -> None:
    presence.beat("host-a:17")
    finished(claimed(ada, request=TICKETS))
    settle.fail(claimed(ada, request=TICKETS).job_id, errors.StorageFull())


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_the_operators_page_is_readable_on_every_screen(
    scheme: str, width: int, visit: Visit, ada: User, transactional_db: None
) -> None:
    _some(ada)
    page = visit.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    visit.log_in(ada)
    visit.open("waybill:operations")

    expect(page.get_by_role("heading", name="Operations")).to_be_visible()
    expect(page.get_by_text("host-a:17")).to_be_visible()
    expect(page.locator(".chart svg")).to_have_count(2)
    expect(page.get_by_role("region", name="Rows by day")).to_contain_text("CSV")
    assert visit.audit() == []
    assert not page.evaluate(WIDER)


def test_the_operators_page_follows_what_happens(
    visit: Visit, ada: User, transactional_db: None
) -> None:
    page = visit.log_in(ada)
    visit.open("waybill:operations")
    waiting = page.locator(".numbers div").filter(has_text="Waiting").locator("dd")
    expect(waiting).to_have_text("0")
    requested(ada, request=TICKETS)
    expect(waiting).to_have_text("1", timeout=30_000)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_a_long_log_is_read_filtered_and_turned_page_by_page(
    scheme: str, width: int, visit: Visit, ada: User, transactional_db: None
) -> None:
    _some(ada)
    verdict.walk()
    with connection.cursor() as cursor:
        cursor.execute(MANY)
    page = visit.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})
    visit.log_in(ada)
    visit.open("waybill:audit")

    expect(page.get_by_text("Complete and unchanged up to line")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(50)
    newest = page.locator("tbody tr").first.inner_text()
    assert visit.audit() == []
    assert not page.evaluate(WIDER)
    page.get_by_role("link", name="Older").click()
    expect(page.locator("tbody tr").first).not_to_have_text(newest)
    page.get_by_label("Event").select_option("downloaded")
    page.get_by_role("button", name="Show").click()
    expect(page.locator("tbody tr").first).to_contain_text("Downloaded")
    expect(page.locator("tbody")).not_to_contain_text("Refused")


def test_the_log_is_taken_out_with_its_filters(
    visit: Visit, ada: User, transactional_db: None
) -> None:
    _some(ada)
    page = visit.log_in(ada)
    visit.open("waybill:audit")
    page.get_by_label("Event").select_option("completed")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("button", name="Export the log").click()
    page.get_by_label("CSV", exact=False).first.check()
    with page.expect_download() as came:
        page.locator("form.export button.primary").click()
    rows = came.value.path().read_text("utf-8-sig").splitlines()
    assert len(rows) == 2
    assert "completed" in rows[1]
