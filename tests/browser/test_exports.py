"""Exports as people meet them: button, dialog, status page, history, verification."""

import csv
import io
from pathlib import Path

import pytest
from django.db import connection
from playwright.sync_api import Page, expect

from desk.people.models import User
from desk.tickets import actions
from desk.tickets.models import Ticket
from tests.browser.conftest import Visit
from waybill.jobs import control, queries
from waybill.models import ExportJob
from waybill.shortid import to_short
from waybill.work.run import run

pytestmark = [
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
    pytest.mark.timeout(300),  # 100,000 rows through a browser, on a busy machine
]


@pytest.fixture
def three(transactional_db: None, ada: User) -> list[Ticket]:
    """Three open tickets, one of them with a hostile subject."""
    words = ("Printer jams", "請求書が届かない", '=HYPERLINK("http://x")')
    return [actions.create({"subject": word}, by=ada) for word in words]


def _many(count: int) -> None:
    """Make so many open tickets."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO tickets_ticket"
            " (ticket_code, subject, is_open, is_resolved, created_at, source)"
            " SELECT 'M-' || n, 'Ticket ' || n, true, false, now(), ''"
            " FROM generate_series(1, %s) AS n",
            [count],
        )


def _start(page: Page, form: str = "CSV") -> None:
    """Open the dialog from the list, choose a format, and press Export."""
    page.get_by_role("button", name="Export", exact=False).first.click()
    expect(page.get_by_role("heading", name="Export tickets")).to_be_visible()
    page.get_by_label(form, exact=False).first.check()
    expect(page.locator("#estimate")).to_contain_text("row")


def _press(page: Page) -> None:
    page.locator("form.export button.primary").click()


def _job() -> ExportJob:
    return ExportJob.objects.get()


def _ran() -> ExportJob:
    run(str(_job().pk))
    return queries.get(_job().pk)


def _rows(path: Path) -> list[list[str]]:
    return [*csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""))]


@pytest.mark.parametrize(("name", "shown"), [("ada", 1), ("ben", 1), ("cleo", 0), ("dan", 0)])
@pytest.mark.parametrize("subject", ["tickets", "assets"])
def test_the_button_is_there_for_those_with_the_right(
    name: str, shown: int, subject: str, visit: Visit, request: pytest.FixtureRequest
) -> None:
    visit.log_in(request.getfixturevalue(name))
    page = visit.open(f"{subject}:list")

    expect(page.get_by_role("button", name=f"Export 0 {subject}")).to_have_count(shown)


def test_a_small_export_comes_at_once_and_holds_what_the_list_shows(
    visit: Visit, ada: User, three: list[Ticket]
) -> None:
    page = visit.log_in(ada)
    expect(page.get_by_role("button", name="Export 3 tickets")).to_be_visible()
    _start(page)
    assert visit.audit() == []
    with page.expect_download() as came:
        _press(page)

    rows = _rows(came.value.path())
    subjects = {row[rows[0].index("Subject")] for row in rows[1:]}
    assert subjects == {"Printer jams", "請求書が届かない", '\'=HYPERLINK("http://x")'}
    visit.open("waybill:history")
    expect(page.get_by_role("row").filter(has_text="All open")).to_contain_text("Sent")
    assert visit.audit() == []


def test_the_columns_of_the_file_are_chosen_ordered_and_renamed(
    visit: Visit, ada: User, three: list[Ticket]
) -> None:
    page = visit.log_in(ada)
    _start(page)
    while page.locator("[name=columns]:checked").count():
        page.locator("[name=columns]:checked").first.uncheck()
    page.get_by_role("checkbox", name="Subject", exact=True).check()
    page.get_by_role("checkbox", name="Code", exact=True).check()
    page.get_by_role("button", name="Move Subject up").click()
    page.get_by_label("Heading of Code in the file").fill("Number")
    with page.expect_download() as came:
        _press(page)

    assert _rows(came.value.path())[0] == ["Subject", "Number"]


def test_selected_rows_alone_are_exported(visit: Visit, ada: User, three: list[Ticket]) -> None:
    page = visit.log_in(ada)
    page.get_by_role("row").filter(has_text="Printer jams").get_by_role("checkbox").check()
    page.get_by_role("button", name="Export selected").click()
    expect(page.get_by_text("1 selected row")).to_be_visible()
    page.get_by_label("CSV", exact=False).first.check()
    with page.expect_download() as came:
        _press(page)

    assert len(_rows(came.value.path())) == 2


def test_a_large_export_goes_from_the_button_to_a_file_that_equals_the_database(
    visit: Visit, ada: User, three: list[Ticket]
) -> None:
    _many(100_000)
    page = visit.log_in(ada)
    _start(page)
    expect(page.locator("#estimate")).to_contain_text("in the background")
    _press(page)
    expect(page.locator("#panel .pill")).to_have_text("Queued")
    assert visit.audit() == []
    with page.expect_download(timeout=60_000) as came:
        _ran()

    expect(page.locator("#panel .pill")).to_have_text("Ready")
    expect(page.locator("#said")).to_contain_text("Ready")
    rows = _rows(came.value.path())
    codes = {row[rows[0].index("Code")] for row in rows[1:]}
    assert codes == set(Ticket.objects.values_list("ticket_code", flat=True))
    assert len(rows) == 100_004
    assert visit.audit() == []


def test_a_starter_who_may_not_download_reads_who_can(visit: Visit, ben: User) -> None:
    page = visit.log_in(ben)
    _start(page)
    _press(page)
    expect(page.locator("#panel .pill")).to_have_text("Queued")
    _ran()

    expect(page.get_by_text("an administrator who holds the same right")).to_be_visible()
    expect(page.get_by_role("link", name="Download")).to_have_count(0)


def test_a_queued_export_is_canceled(visit: Visit, ben: User) -> None:
    page = visit.log_in(ben)
    _start(page)
    _press(page)
    page.get_by_role("button", name="Cancel").click()

    expect(page.locator("#panel .pill")).to_have_text("Canceled")
    assert _job().status == "canceled"


def test_a_failed_export_says_why_and_is_tried_again(visit: Visit, ben: User) -> None:
    page = visit.log_in(ben)
    _start(page)
    _press(page)
    expect(page.locator("#panel .pill")).to_have_text("Queued")
    roles = [*ben.roles.all()]
    ben.roles.clear()
    _ran()
    ben.roles.set(roles)

    expect(page.locator("#panel .pill")).to_have_text("Failed")
    expect(page.get_by_text("The right to make this export was withdrawn.")).to_be_visible()
    assert visit.audit() == []
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("#panel .pill")).to_have_text("Queued")


def test_a_deleted_file_keeps_its_facts_and_is_made_again(
    visit: Visit, ben: User, ada: User
) -> None:
    visit.log_in(ben)
    _start(visit.page)
    _press(visit.page)
    expect(visit.page.locator("#panel .pill")).to_have_text("Queued")
    job = _ran()
    control.delete_now(job, by=ada)
    page = visit.open("waybill:status", to_short(job.pk))

    expect(page.get_by_text("is gone; its facts stay")).to_be_visible()
    page.get_by_role("button", name="Run again").click()
    expect(page.locator("#panel .pill")).to_have_text("Queued")
    assert ExportJob.objects.count() == 2


def test_a_file_is_verified_on_the_page_and_a_changed_one_is_found_out(
    visit: Visit, ada: User, three: list[Ticket], tmp_path: Path
) -> None:
    _many(10_001)
    page = visit.log_in(ada)
    _start(page)
    with page.expect_download(timeout=30_000) as came:
        _press(page)
        expect(page.locator("#panel .pill")).to_have_text("Queued")
        _ran()
    file, receipt = tmp_path / "file.csv", tmp_path / "receipt.json"
    came.value.save_as(file)
    with page.expect_download() as given:
        page.get_by_role("link", name="Receipt").click()
    given.value.save_as(receipt)

    visit.open("waybill:verify")
    assert visit.audit() == []
    page.get_by_label("The file").set_input_files(file)
    page.get_by_label("Its receipt").set_input_files(receipt)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("status").first).to_contain_text("Complete and unchanged")

    file.write_bytes(file.read_bytes().replace(b"Ticket 77", b"Ticket 78", 1))
    page.get_by_label("The file").set_input_files(file)
    page.get_by_label("Its receipt").set_input_files(receipt)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("status").first).to_contain_text("SHA-256 differs")


def test_a_toast_tells_of_an_export_that_ended_elsewhere(visit: Visit, ada: User) -> None:
    _many(10_001)
    page = visit.log_in(ada)
    _start(page)
    _press(page)
    expect(page.locator("#panel .pill")).to_have_text("Queued")
    visit.open("assets:list")
    _ran()
    visit.open("people:profile")

    expect(page.get_by_role("status").first).to_contain_text("your export is ready")
    expect(page.get_by_role("link", name="Exports")).to_contain_text("1")
