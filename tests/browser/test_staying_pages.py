"""Pages that ask all the time leave the reader in place; the log-in is a page of its own."""

import re
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, expect

from desk.people.models import User
from tests.browser.conftest import Visit
from tests.browser.walking import choose, many, name_of, press, ran, rows_of
from tests.factories.jobs import claimed, requested
from tests.integration.test_operators_pages import TICKETS
from waybill import exports
from waybill.jobs import presence
from waybill.models import ExportJob
from waybill.shortid import to_short
from waybill.work import ask
from waybill.work.direct import Direct
from waybill.work.run import run

pytestmark = pytest.mark.usefixtures("fresh_folder", "quiet_doorbell", "transactional_db")

LOG_IN = re.compile("/login")


def _watching(visit: Visit, person: User) -> Page:
    """Open the status page of a queued export."""
    visit.log_in(person)
    return visit.open("waybill:status", name_of(exports.start("tickets", by=person)))


def _running(visit: Visit, person: User) -> Page:
    """Open the status page of an export that a worker holds."""
    visit.log_in(person)
    return visit.open("waybill:status", to_short(claimed(person, request=TICKETS).job_id))


def _polled(page: Page, times: int = 2) -> None:
    """Wait for answers; that to the one before the last is shown by then."""
    for _ in range(times):
        with page.expect_response(lambda answer: "/panel" in answer.url, timeout=30_000):
            pass


def _moved(page: Page, rows: int) -> None:
    ExportJob.objects.update(total_items=10, exported_items=rows)
    expect(page.locator("#panel")).to_contain_text(f"{rows} of 10 rows", timeout=30_000)


def test_nothing_is_swapped_where_nothing_moved(visit: Visit, ada: User) -> None:
    page = _running(visit, ada)
    _polled(page)
    page.evaluate("document.querySelector('#panel .pill').dataset.mine = 'yes'")
    _polled(page)

    expect(page.locator("#panel .pill[data-mine]")).to_have_count(1)
    _moved(page, 1)
    expect(page.locator("#panel .pill[data-mine]")).to_have_count(0)


def test_the_focus_stays_where_it_is_while_an_export_moves(visit: Visit, ada: User) -> None:
    page = _running(visit, ada)
    for rows, name in enumerate(["act", "fetch-choice", "to-log"], start=1):
        page.locator(f"#{name}").focus()
        _moved(page, rows)
        expect(page.locator(f"#{name}")).to_be_focused()


def test_what_had_the_focus_and_goes_with_the_end_gives_it_to_the_next_step(
    visit: Visit, ada: User
) -> None:
    page = _watching(visit, ada)
    page.evaluate("localStorage.setItem('waybill.fetch', 'no')")
    page.locator("#fetch-choice").focus()
    ran()

    expect(page.get_by_role("link", name="Download")).to_be_focused(timeout=30_000)


def test_the_focus_stays_on_the_page_of_operations(visit: Visit, ada: User) -> None:
    presence.beat("host-a:17")
    page = visit.log_in(ada)
    visit.open("waybill:operations")
    page.locator("#op-workers-table").focus()
    requested(ada, request=TICKETS)

    waiting = page.locator(".numbers div").filter(has_text="Waiting").locator("dd")
    expect(waiting).to_have_text("1", timeout=30_000)
    expect(page.locator("#op-workers-table")).to_be_focused()


def test_a_watched_export_leads_to_the_log_in_when_the_session_ends(
    visit: Visit, ada: User
) -> None:
    page = _watching(visit, ada)
    Session.objects.all().delete()

    expect(page).to_have_url(LOG_IN, timeout=30_000)
    expect(page.locator("main")).to_have_count(1)


def test_a_page_with_a_badge_stays_as_it_is_when_the_session_ends(visit: Visit, ada: User) -> None:
    page = visit.log_in(ada)
    visit.open("people:profile")
    page.wait_for_load_state("networkidle")  # else the answer may be that to the page's own asking
    page.get_by_label("Name", exact=False).first.fill("Half written")
    Session.objects.all().delete()
    with page.expect_response(lambda answer: "/badge" in answer.url) as answered:
        page.evaluate("document.body.dispatchEvent(new Event('waybill:sent'))")

    assert answered.value.status == 286
    expect(page.get_by_label("Name", exact=False).first).to_have_value("Half written")
    expect(page.locator("main")).to_have_count(1)


def test_a_second_press_has_a_key_of_its_own_without_https(visit: Visit, ada: User) -> None:
    visit.page.add_init_script("delete Crypto.prototype.randomUUID")
    page = visit.log_in(ada)
    visit.open("waybill:dialog", "tickets")
    page.get_by_label("CSV", exact=False).first.check()
    key = page.locator("form.export [name=key]")
    first = key.input_value()
    with page.expect_download():
        page.locator("form.export button.primary").click()

    expect(key).not_to_have_value(first)
    expect(key).to_have_value(re.compile("^[0-9a-f]{32}$"))


def test_two_pages_of_one_export_fetch_it_once_and_say_its_end_in_their_titles(
    visit: Visit, ada: User
) -> None:
    first = _watching(visit, ada)
    expect(first).to_have_title(re.compile("^Tickets, Queued"))
    second = first.context.new_page()
    second.goto(first.url)
    came: list[str] = []
    for page in (first, second):
        page.on("download", lambda file: came.append(file.url))
        _polled(page)
    ran()

    for page in (first, second):
        expect(page).to_have_title(re.compile("^Tickets, Ready"), timeout=30_000)
    visit.open("waybill:history")
    assert len(came) == 1


def _toasted(page: Page, name: str, kind: str) -> None:
    page.evaluate(
        "([name, kind]) => document.getElementById('toasts').insertAdjacentHTML('beforeend',"
        " `<div class='toast ${kind}' id='${name}'><button>Open</button></div>`)",
        [name, kind],
    )


@pytest.mark.parametrize(
    ("kind", "held", "left"), [("", False, 0), ("error", False, 1), ("", True, 1)]
)
def test_a_toast_goes_by_itself_unless_it_failed_or_is_looked_at(
    kind: str, held: bool, left: int, visit: Visit, ada: User
) -> None:
    page = visit.page
    page.clock.install()
    visit.log_in(ada)
    visit.open("people:profile")
    _toasted(page, "one", kind)
    if held:
        page.locator("#one button").focus()
    page.clock.run_for(20_000)

    expect(page.locator("#one")).to_have_count(left)


def test_an_export_that_ended_before_its_page_was_there_is_fetched_all_the_same(
    visit: Visit, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = ask.ask

    def quickly(*args: Any, **kwargs: Any) -> ExportJob | Direct:
        made = asking(*args, **kwargs)
        run(str(made.pk))
        return made

    monkeypatch.setattr(ask, "ask", quickly)
    many(10_001)
    page = visit.log_in(ada)
    choose(page)
    with page.expect_download() as came:
        press(page)

    assert len(rows_of(came.value.path())) == 10_002
    expect(page.locator("#panel .pill")).to_have_text("Ready")
