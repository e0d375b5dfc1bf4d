"""Exports as people meet them: button, dialog, status page, history, verification."""

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from desk.people.models import User
from desk.tickets import actions
from desk.tickets.models import Ticket
from tests.browser.conftest import Visit
from tests.browser.walking import choose, job, many, name_of, press, ran, rows_of
from waybill.jobs import control
from waybill.models import ExportJob

pytestmark = [
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
    pytest.mark.timeout(300),  # 100,000 rows through a browser, on a busy machine
]


@pytest.fixture
def three(transactional_db: None, ada: User) -> list[Ticket]:
    """Three open tickets, one of them with a hostile subject."""
    words = ("Printer jams", "請求書が届かない", '=HYPERLINK("http://x")')
    return [actions.create({"subject": word}, by=ada) for word in words]


def test_a_small_export_comes_at_once_and_holds_what_the_list_shows(
    visit: Visit, ada: User, three: list[Ticket]
) -> None:
    page = visit.log_in(ada)
    expect(page.get_by_role("button", name="Export 3 tickets")).to_be_visible()
    choose(page)
    assert visit.audit() == []
    with page.expect_download() as came:
        press(page)

    rows = rows_of(came.value.path())
    subjects = {row[rows[0].index("Subject")] for row in rows[1:]}
    assert subjects == {"Printer jams", "請求書が届かない", '\'=HYPERLINK("http://x")'}
    visit.open("waybill:history")
    expect(page.get_by_role("row").filter(has_text="All open")).to_contain_text("Sent")
    assert visit.audit() == []


def test_the_columns_of_the_file_are_chosen_ordered_and_renamed(
    visit: Visit, ada: User, three: list[Ticket]
) -> None:
    page = visit.log_in(ada)
    choose(page)
    while page.locator("[name=columns]:checked").count():
        page.locator("[name=columns]:checked").first.uncheck()
    page.get_by_role("checkbox", name="Subject", exact=True).check()
    page.get_by_role("checkbox", name="Code", exact=True).check()
    page.get_by_role("button", name="Move Subject up").click()
    page.get_by_label("Heading of Code in the file").fill("Number")
    with page.expect_download() as came:
        press(page)

    assert rows_of(came.value.path())[0] == ["Subject", "Number"]


def test_selected_rows_alone_are_exported(visit: Visit, ada: User, three: list[Ticket]) -> None:
    page = visit.log_in(ada)
    page.get_by_role("row").filter(has_text="Printer jams").get_by_role("checkbox").check()
    page.get_by_role("button", name="Export selected").click()
    expect(page.get_by_text("1 selected row")).to_be_visible()
    page.get_by_label("CSV", exact=False).first.check()
    with page.expect_download() as came:
        press(page)

    assert len(rows_of(came.value.path())) == 2


def test_a_large_export_goes_from_the_button_to_a_file_that_equals_the_database(
    visit: Visit, ada: User, three: list[Ticket], tmp_path: Path
) -> None:
    many(100_000)
    page = visit.log_in(ada)
    choose(page)
    expect(page.locator("#estimate")).to_contain_text("in the background")
    press(page)
    expect(page.locator("#panel .pill")).to_have_text("Queued")
    assert visit.audit() == []
    with page.expect_download(timeout=60_000) as came:
        ran()

    expect(page.locator("#panel .pill")).to_have_text("Ready")
    expect(page.locator("#said")).to_contain_text("Ready")
    came.value.save_as(tmp_path / "tickets.csv")
    assert hashlib.sha256((tmp_path / "tickets.csv").read_bytes()).hexdigest() == _sha256()
    header, *rows = rows_of(tmp_path / "tickets.csv")
    shown = [header.index(label) for label in ("ID", "Code", "Subject", "Open")]
    found = [(int(row[shown[0]]), *(_plain(row[place]) for place in shown[1:])) for row in rows]
    values = Ticket.objects.values_list("pk", "ticket_code", "subject", "is_open")
    assert sorted(found) == sorted((*start, str(last).lower()) for *start, last in values)
    assert len(rows) == 100_003
    assert visit.audit() == []


def _sha256() -> str:
    file = job().file
    assert file is not None
    return file.sha256


def _plain(cell: str) -> str:
    """Take the guard off a cell."""
    return cell.removeprefix("'")


def test_a_starter_who_may_not_download_reads_who_can(visit: Visit, ben: User) -> None:
    page = visit.log_in(ben)
    choose(page)
    press(page)
    expect(page.locator("#panel .pill")).to_have_text("Queued")
    ran()

    expect(page.get_by_text("an administrator who holds the same right")).to_be_visible()
    expect(page.get_by_role("link", name="Download")).to_have_count(0)


def test_a_queued_export_is_canceled(visit: Visit, ben: User) -> None:
    page = visit.log_in(ben)
    choose(page)
    press(page)
    page.get_by_role("button", name="Cancel").click()

    expect(page.locator("#panel .pill")).to_have_text("Canceled")
    assert job().status == "canceled"


def failed(visit: Visit, person: User) -> Page:
    """Start an export and withdraw the right to it before it runs; gives its page."""
    page = visit.log_in(person)
    choose(page)
    press(page)
    expect(page.locator("#panel .pill")).to_have_text("Queued")
    roles = [*person.roles.all()]
    person.roles.clear()
    ran()
    person.roles.set(roles)
    return page


def test_a_failed_export_says_why_and_is_tried_again(visit: Visit, ben: User) -> None:
    page = failed(visit, ben)

    expect(page.locator("#panel .pill")).to_have_text("Failed")
    expect(page.get_by_text("The right to make this export was withdrawn.")).to_be_visible()
    assert visit.audit() == []
    expect(page.get_by_text("Kept until")).to_have_count(0)
    page.get_by_role("button", name="Retry").click()
    expect(page.locator("#panel .pill")).to_have_text("Queued")
    ran()
    expect(page.locator("#panel .pill")).to_have_text("Ready")


def test_a_failure_in_the_history_moves_no_button_out_of_sight(visit: Visit, ben: User) -> None:
    page = failed(visit, ben)
    page.set_viewport_size({"width": 1280, "height": 820})
    visit.open("waybill:history")

    expect(page.get_by_text("The right to make this export was withdrawn.")).to_be_visible()
    table = page.locator(".scroll:has(table)")
    assert table.evaluate("box => box.scrollWidth - box.clientWidth") <= 0


def test_a_deleted_file_keeps_its_facts_and_is_made_again(
    visit: Visit, ben: User, ada: User
) -> None:
    visit.log_in(ben)
    choose(visit.page)
    press(visit.page)
    expect(visit.page.locator("#panel .pill")).to_have_text("Queued")
    made = ran()
    control.delete_now(made, by=ada)
    page = visit.open("waybill:status", name_of(made))

    expect(page.get_by_text("is gone; its facts stay")).to_be_visible()
    page.get_by_role("button", name="Run again").click()
    expect(page.locator("#panel .pill")).to_have_text("Queued")
    assert ExportJob.objects.count() == 2


def test_a_file_is_verified_on_the_page_and_a_changed_one_is_found_out(
    visit: Visit, ada: User, three: list[Ticket], tmp_path: Path
) -> None:
    many(10_001)
    page = visit.log_in(ada)
    choose(page)
    with page.expect_download(timeout=30_000) as came:
        press(page)
        expect(page.locator("#panel .pill")).to_have_text("Queued")
        ran()
    file, receipt = tmp_path / "file.csv", tmp_path / "receipt.json"
    came.value.save_as(file)
    with page.expect_download() as given:
        page.get_by_role("link", name="Receipt").click()
    given.value.save_as(receipt)

    visit.open("waybill:verify")
    assert visit.audit() == []
    page.get_by_label("Its file").set_input_files(file)
    page.get_by_label("The receipt").set_input_files(receipt)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("status").first).to_contain_text("Complete and unchanged")

    file.write_bytes(file.read_bytes().replace(b"Ticket 77", b"Ticket 78", 1))
    page.get_by_label("Its file").set_input_files(file)
    page.get_by_label("The receipt").set_input_files(receipt)
    page.get_by_role("button", name="Verify").click()
    expect(page.get_by_role("status").first).to_contain_text("SHA-256 differs")


def test_a_toast_tells_of_an_export_that_ended_elsewhere(visit: Visit, ada: User) -> None:
    many(10_001)
    page = visit.log_in(ada)
    choose(page)
    press(page)
    expect(page.locator("#panel .pill")).to_have_text("Queued")
    visit.open("assets:list")
    ran()
    visit.open("people:profile")

    expect(page.get_by_role("status").first).to_contain_text("your export is ready")
    expect(page.get_by_role("link", name="Exports")).to_contain_text("1")


def test_a_small_export_leaves_the_list_open_and_a_toast_leads_to_its_place(
    visit: Visit, ada: User, three: list[Ticket]
) -> None:
    page = visit.log_in(ada)
    page.get_by_label("More ways to export").click()
    with page.expect_download() as came:
        page.get_by_role("button", name="CSV of this list, now").click()

    assert len(rows_of(came.value.path())) == 4
    expect(page.get_by_role("button", name="Export 3 tickets")).to_be_visible()
    toast = page.get_by_role("status").filter(has_text="Tickets: 3 rows sent.")
    expect(toast).to_be_visible()
    assert visit.audit() == []
    toast.get_by_role("link", name="Open").click()
    expect(page.locator("#panel .pill")).to_have_text("Sent")


def test_choices_are_kept_as_a_preset_and_applied(
    visit: Visit, ada: User, three: list[Ticket]
) -> None:
    page = visit.log_in(ada)
    choose(page, "NDJSON")
    page.get_by_role("checkbox", name="Description", exact=True).uncheck()
    page.get_by_text("Keep these choices as a preset").click()
    page.get_by_label("Name of the preset").fill("Without texts")
    assert visit.audit() == []
    page.get_by_label("Name of the preset").press("Enter")
    expect(page.get_by_role("status").filter(has_text="is saved.")).to_be_visible()
    assert not ExportJob.objects.exists()

    visit.open("tickets:list")
    choose(page)
    expect(page.get_by_role("checkbox", name="Description", exact=True)).to_be_checked()
    page.get_by_label("Preset", exact=True).select_option(label="Without texts")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("checkbox", name="Description", exact=True)).not_to_be_checked()
    expect(page.get_by_role("radio", name="NDJSON")).to_be_checked()
    page.get_by_label("Preset", exact=True).select_option(label="Without texts")
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status").filter(has_text="is deleted.")).to_be_visible()
