"""Exports by keyboard alone, without JavaScript, on a small dark screen, and in every state."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from desk.people.models import User
from desk.tickets import actions
from desk.tickets.models import Ticket
from tests.browser import walking
from tests.browser.conftest import Visit
from tests.browser.walking import choose, job, name_of, press, ran, rows_of, running
from waybill import exports
from waybill.jobs import control
from waybill.models import ExportJob
from waybill.work.run import run

pytestmark = [
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
    pytest.mark.timeout(300),
]

type VisitWith = Callable[..., Visit]

PHONE = {"width": 360, "height": 740}


@pytest.fixture
def two(transactional_db: None, ada: User, settings: Any) -> list[Ticket]:
    """Two open tickets, and every export in the background."""
    settings.TESTING = True
    settings.WAYBILL = {**settings.WAYBILL, "direct_rows": 0, "fault_hook": walking.HOLD}
    walking.let_go()
    return [actions.create({"subject": word}, by=ada) for word in ("Printer jams", "No tone")]


def test_an_export_is_made_and_fetched_by_keyboard_alone(
    visit: Visit, ada: User, two: list[Ticket]
) -> None:
    page = visit.log_in(ada)
    with page.expect_navigation():
        page.keyboard.press("x")
    _tab_to(page, "[name=format]:checked")
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=format]:checked")).to_have_value("csv")
    _tab_to(page, "[aria-label='Move Subject up']")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    _tab_to(page, "form.export button.primary")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.locator("#panel .pill")).to_have_text("Queued")
    _tab_to(page, "[data-fetch-choice]")
    page.keyboard.press("Space")
    ran()
    expect(page.locator("#panel .pill")).to_have_text("Ready")
    _tab_to(page, "[data-fetch]")
    with page.expect_download() as came:
        page.keyboard.press("Enter")

    assert rows_of(came.value.path())[0][:3] == ["Subject", "ID", "Code"]


def _tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element is reached; every stop on the way must be visible."""
    for _ in range(150):
        page.keyboard.press("Tab")
        here = page.locator("*:focus")
        if here.count() and here.evaluate("(one, wanted) => one.matches(wanted)", selector):
            return
    pytest.fail(f"Tab never reaches {selector}")


def test_an_export_in_the_background_is_made_and_fetched_without_javascript(
    visit_with: VisitWith, ada: User, two: list[Ticket]
) -> None:
    visit = visit_with(java_script_enabled=False)
    page = visit.log_in(ada)
    page.get_by_role("button", name="Export 2 tickets").click()
    page.get_by_role("button", name="Estimate").click()
    expect(page.get_by_text("2 rows")).to_be_visible()
    page.go_back()
    page.get_by_label("CSV", exact=False).first.check()
    press(page)
    expect(page.locator("#panel .pill")).to_have_text("Queued")
    ran()
    expect(page.locator("#panel .pill")).to_have_text("Ready", timeout=20_000)
    with page.expect_download() as came:
        page.get_by_role("link", name="Download").click()

    assert len(rows_of(came.value.path())) == 3


def test_an_export_is_made_on_a_small_dark_screen(
    visit_with: VisitWith, ada: User, two: list[Ticket], tmp_path: Path
) -> None:
    visit = visit_with(color_scheme="dark", viewport=PHONE)
    page = visit.log_in(ada)
    choose(page, "Excel")
    page.get_by_label("Preview the first rows").check()
    expect(page.locator("#estimate table")).to_contain_text("Printer jams")
    assert _flaws(visit) == []
    press(page)
    with running(job()):
        expect(page.locator("#panel .pill")).to_have_text("Running")
        assert _flaws(visit) == []
        with page.expect_download() as came:
            walking.let_go()
    expect(page.locator("#panel .pill")).to_have_text("Ready")
    came.value.save_as(tmp_path / "tickets.xlsx")
    assert (tmp_path / "tickets.xlsx").read_bytes()[:2] == b"PK"
    assert _flaws(visit) == []


def test_a_running_export_is_canceled_from_its_page(
    visit: Visit, ada: User, two: list[Ticket]
) -> None:
    page = visit.log_in(ada)
    choose(page)
    press(page)
    with running(job()):
        expect(page.locator("#panel .pill")).to_have_text("Running")
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator("#panel .pill")).to_have_text("Canceled")

    assert (job().status, job().file) == ("canceled", None)


def test_every_state_of_an_export_reads_well_on_a_small_screen(
    visit_with: VisitWith, ada: User, two: list[Ticket]
) -> None:
    visit = visit_with(viewport=PHONE)
    visit.log_in(ada)
    shown = {}
    for status, made in _in_every_state(ada).items():
        page = visit.open("waybill:status", name_of(made))
        expect(page.locator("#panel .pill")).to_be_visible()
        if flaws := _flaws(visit):
            shown[status] = flaws
    visit.open("waybill:history")
    shown["history"] = _flaws(visit)

    assert {where: flaws for where, flaws in shown.items() if flaws} == {}


def _in_every_state(person: User) -> dict[str, ExportJob]:
    made = {name: exports.start("tickets", by=person) for name in ("canceled", "failed", "deleted")}
    control.cancel(made["canceled"], by=person)
    ExportJob.objects.filter(pk=made["failed"].pk).update(
        status="failed", error_code="storage_full", error_message="There is no room."
    )
    run(str(made["deleted"].pk))
    control.delete_now(made["deleted"], by=person)
    made["completed"] = exports.start("tickets", by=person)
    run(str(made["completed"].pk))
    made["pending"] = exports.start("tickets", by=person)
    return made


def _flaws(visit: Visit) -> list[str]:
    """Name what axe-core finds serious, and whatever sticks out of a small screen."""
    wide = visit.page.evaluate("document.documentElement.scrollWidth")
    sticks_out = [f"{wide} pixels wide"] if wide > PHONE["width"] else []
    return [*visit.audit_light_and_dark(), *sticks_out]
