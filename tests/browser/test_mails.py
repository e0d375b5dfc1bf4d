"""Mails about exports, as the person who gets them sees them."""

import pytest

from desk.people.models import User
from tests.browser.conftest import Visit
from tests.factories.jobs import claimed, finished
from waybill import errors
from waybill.jobs import settle
from waybill.models import ExportJob
from waybill.work import notices

pytestmark = pytest.mark.usefixtures("fresh_folder", "quiet_doorbell")


def _html(postoffice) -> str:
    assert notices.deliver_due() == 1
    return postoffice.mails[-1].get_body(("html",)).get_content()


def _looked_at(visit: Visit, html: str, width: int) -> None:
    page = visit.page
    page.set_viewport_size({"width": width, "height": 800})
    page.set_content(html)
    assert visit.audit() == []
    wider = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    assert not page.evaluate(wider)


@pytest.mark.parametrize(("scheme", "width"), [("light", 900), ("dark", 360)])
def test_a_mail_is_readable_on_every_screen(
    scheme: str, width: int, visit: Visit, ada: User, postoffice, transactional_db: None
) -> None:
    visit.page.emulate_media(color_scheme=scheme)
    finished(claimed(ada))
    ExportJob.objects.update(view_name="All open " * 20, exported_items=5000, failed_items=3)
    _looked_at(visit, _html(postoffice), width)
    assert visit.page.get_by_role("link", name="Open the export").is_visible()

    settle.fail(claimed(ada).job_id, errors.StorageFull())
    _looked_at(visit, _html(postoffice), width)
    assert visit.page.get_by_text(str(errors.StorageFull.public)).is_visible()
