"""The pages of exports in no frame, and in that of Django's admin, as other projects see them."""

from pathlib import Path

import pytest
from django.conf import Settings

from desk.people.models import User
from desk.tickets import actions
from tests.architecture.sources import ROOT
from tests.browser.conftest import Visit
from waybill import exports
from waybill.shortid import to_short

pytestmark = [pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"), pytest.mark.timeout(600)]

ENGINE = ROOT / "src/waybill/templates"
FRAMES = {"none": "", "admin": '{% extends "waybill/admin/base.html" %}'}


@pytest.fixture(params=FRAMES)
def framed(
    request: pytest.FixtureRequest, settings: Settings, visit: Visit, ada: User, tmp_path: Path
) -> Visit:
    """Ada on a small screen, logged in; from then on a frame or none comes before Desk's own."""
    visit.log_in(ada)
    visit.page.set_viewport_size({"width": 360, "height": 740})
    if frame := FRAMES[request.param]:
        (tmp_path / "waybill").mkdir()
        (tmp_path / "waybill/base.html").write_text(frame)
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path, ENGINE]}]
    return visit


def test_no_page_is_wider_than_a_phone(transactional_db: None, framed: Visit, ada: User) -> None:
    actions.create({"subject": "Printer jams"}, by=ada)
    assert b"".join(exports.stream("tickets", by=ada, format="csv"))
    job = to_short(exports.start("tickets", by=ada).pk)
    places = [(f"waybill:{name}",) for name in ("history", "verify", "operations", "audit")]
    places += [("waybill:dialog", "tickets"), ("waybill:status", job), ("waybill:log", job)]
    wide = {}
    for place in places:
        page = framed.open(*place)
        assert page.locator(".waybill-page h1").count() == 1
        wide[place] = page.evaluate("document.documentElement.scrollWidth")

    assert {place: width for place, width in wide.items() if width > 360} == {}
    assert framed.audit() == []
