"""Ada, Ben, Cleo and Dan at the exports of tickets and of assets, each in a browser."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from desk.assets import actions as asset_actions
from desk.people.models import Role, User
from desk.tickets import actions
from tests.browser.conftest import Visit
from tests.browser.walking import choose, job, name_of, press, ran, rows_of
from waybill import exports
from waybill.jobs import queries
from waybill.models import ExportJob
from waybill.work import sweep
from waybill.work.run import run

pytestmark = [
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
    pytest.mark.timeout(300),
]


@dataclass(frozen=True)
class Part:
    """What one of the four may do with the exports of one kind."""

    starts: bool
    fetches_own: bool
    sees_others: bool

    def __str__(self) -> str:
        words = {"starts": self.starts, "fetches": self.fetches_own, "sees": self.sees_others}
        return "-".join(word for word, may in words.items() if may) or "nothing"


ALL = Part(starts=True, fetches_own=True, sees_others=True)
STARTS = Part(starts=True, fetches_own=False, sees_others=False)
OWN = Part(starts=True, fetches_own=True, sees_others=False)
NOTHING = Part(starts=False, fetches_own=False, sees_others=False)

# P1 and P2: a ticket export is fetched by administrators who hold the right, an asset export
# also by whoever started it; others learn of none.
PARTS = [
    ("tickets", "ada", ALL),
    ("tickets", "ben", STARTS),
    ("tickets", "cleo", NOTHING),
    ("tickets", "dan", NOTHING),
    ("assets", "ada", ALL),
    ("assets", "ben", OWN),
    ("assets", "cleo", NOTHING),
    ("assets", "dan", NOTHING),
]


@pytest.fixture
def cast(transactional_db: None, ada: User, ben: User, cleo: User, dan: User) -> dict[str, User]:
    """All four, with a ticket and an asset that each of them lists."""
    actions.create({"subject": "Printer jams"}, by=ben)
    asset_actions.create({"name": "Laptop", "asset_tag": "A-1"}, by=ada)
    return {"ada": ada, "ben": ben, "cleo": cleo, "dan": dan}


@pytest.fixture
def nothing_at_once(settings: Any) -> None:
    """Make every export one in the background, however few rows it has."""
    settings.WAYBILL = {**settings.WAYBILL, "direct_rows": 0}


@pytest.mark.usefixtures("nothing_at_once")
@pytest.mark.parametrize(("subject", "name", "part"), PARTS, ids=str)
def test_each_of_the_four_starts_sees_fetches_and_is_refused(
    subject: str, name: str, part: Part, visit: Visit, cast: dict[str, User]
) -> None:
    foreign = _finished(subject, cast["ben" if name == "ada" else "ada"])
    page = visit.log_in(cast[name])

    _meets_anothers_export(visit, foreign, may=part.sees_others)
    visit.open(f"{subject}:list")
    button = page.get_by_role("button", name=re.compile(rf"^Export .*{subject[:-1]}"))
    expect(button).to_have_count(int(part.starts))
    if part.starts:
        _makes_one_of_their_own(visit, subject, foreign, may_fetch=part.fetches_own)
    else:
        visit.open("waybill:dialog", subject)
        expect(page.get_by_role("heading", name="There is nothing here")).to_be_visible()
        assert ExportJob.objects.count() == 1


def _finished(subject: str, by: User) -> ExportJob:
    made = exports.start(subject, by=by)
    run(str(made.pk))
    return queries.get(made.pk)


def _meets_anothers_export(visit: Visit, foreign: ExportJob, *, may: bool) -> None:
    """Look for another's export in the history, by its address, and by its file's address."""
    page = visit.open("waybill:history")
    link = page.locator(f'a[href="{reverse("waybill:status", args=[name_of(foreign)])}"]')
    expect(link).to_have_count(int(may))
    visit.open("waybill:status", name_of(foreign))
    if may:
        _fetches(page)
    else:
        nothing = page.get_by_role("heading", name="There is nothing here")
        expect(nothing).to_be_visible()
        visit.open("waybill:download", name_of(foreign))
        expect(nothing).to_be_visible()


def _makes_one_of_their_own(
    visit: Visit, subject: str, foreign: ExportJob, *, may_fetch: bool
) -> None:
    page = visit.page
    choose(page, what=subject)
    press(page)
    expect(page.locator("#panel .pill")).to_have_text("Queued")
    page.get_by_label("Download by itself").uncheck()
    own = ExportJob.objects.exclude(pk=foreign.pk).get()
    run(str(own.pk))
    expect(page.locator("#panel .pill")).to_have_text("Ready")
    if may_fetch:
        _fetches(page)
        return
    expect(page.get_by_role("link", name="Download")).to_have_count(0)
    visit.open("waybill:download", name_of(own))
    expect(page.get_by_role("alert")).to_contain_text("may not download")


def _fetches(page: Page) -> None:
    with page.expect_download() as came:
        page.get_by_role("link", name="Download").click()
    assert len(rows_of(came.value.path())) == 2


@pytest.mark.usefixtures("nothing_at_once")
def test_a_right_withdrawn_between_the_end_and_the_click_gives_no_file(
    visit: Visit, cast: dict[str, User], exporters: Role
) -> None:
    page = _ready(visit, cast["ada"])
    cast["ada"].roles.clear()

    page.get_by_role("link", name="Download").click()

    expect(page.get_by_role("alert")).to_contain_text("may not download")
    assert queries.log_of(job()).filter(event="refused").count() == 1
    assert job().downloads == 0
    cast["ada"].roles.set([exporters])
    visit.open("waybill:status", name_of(job()))
    _fetches(page)


@pytest.mark.usefixtures("nothing_at_once")
def test_a_file_whose_time_is_over_is_refused_and_made_again(
    visit: Visit, cast: dict[str, User]
) -> None:
    page = _ready(visit, cast["ada"])
    ExportJob.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    page.get_by_role("link", name="Download").click()
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.get_by_text("Its time is over")).to_be_visible()
    sweep.sweep()
    visit.open("waybill:status", name_of(job()))
    expect(page.locator("#panel .pill")).to_have_text("Expired")
    expect(page.get_by_text("is gone; its facts stay")).to_be_visible()
    assert visit.audit() == []

    page.get_by_role("button", name="Run again").click()
    expect(page.locator("#panel .pill")).to_have_text("Queued")


def _ready(visit: Visit, person: User) -> Page:
    """Bring an export to where its file waits on the status page."""
    page = visit.log_in(person)
    choose(page)
    press(page)
    expect(page.locator("#panel .pill")).to_have_text("Queued")
    page.get_by_label("Download by itself").uncheck()
    ran()
    expect(page.locator("#panel .pill")).to_have_text("Ready")
    return page
