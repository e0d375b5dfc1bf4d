"""The rows ticked in a list, taken to the export dialog: the list comes along (U2)."""

import re
from html import unescape

import pytest
from django.http import QueryDict
from django.test import Client

from desk.people.models import User
from desk.tickets import actions
from desk.views.models import SavedView

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
LEADS = "/staff/exports/new/tickets/"


@pytest.fixture
def web(ada: User, client: Client) -> Client:
    """Ada's browser."""
    client.force_login(ada)
    return client


def _carried(page: str) -> QueryDict:
    """Give what the form under a list sends with the ticks."""
    form = page.rpartition('<form method="post" action="/staff/tickets/bulk')[2]
    sent = QueryDict(mutable=True)
    for name, value in HIDDEN.findall(form.partition("</form>")[0]):
        sent.appendlist(name, unescape(value))
    return sent


def test_the_dialog_of_selected_rows_still_knows_the_list(web: Client, ada: User) -> None:
    mine = actions.create({"subject": "Mine", "assigned_to": ada}, by=ada)
    actions.create({"subject": "Nobody's"}, by=ada)
    view = SavedView.objects.get(name="Mine", subject="tickets")
    sent = _carried(web.get(f"/staff/tickets/?view={view.pk}&sort=ticket_code").content.decode())
    sent["selected"] = str(mine.pk)

    page = web.post(LEADS, dict(sent.lists())).content.decode()

    assert "Assigned to" in unescape(page.partition('value="view"')[2].partition("</label>")[0])
    assert "No filters" not in page
    assert 'value="selected" checked' in page


def test_selected_rows_come_in_the_order_of_their_list(web: Client, ada: User) -> None:
    made = [actions.create({"subject": word}, by=ada) for word in ("first", "second", "third")]
    sent = _carried(web.get("/staff/tickets/?sort=-ticket_code").content.decode())
    sent.setlist("selected", [str(ticket.pk) for ticket in made])
    page = web.post(LEADS, dict(sent.lists())).content.decode()
    kept = QueryDict(mutable=True)
    for name, value in HIDDEN.findall(page.partition("data-once")[2]):
        kept.appendlist(name, unescape(value))
    chosen = {"scope": "selected", "format": "csv", "columns": "subject"}

    rows = (
        b"".join(web.post(f"{LEADS}start", {**dict(kept.lists()), **chosen})).decode().splitlines()
    )  # type: ignore[arg-type]

    assert rows[1:] == ["third", "second", "first"]


def test_an_unchanged_view_lends_its_order_to_selected_rows(web: Client, ada: User) -> None:
    view = SavedView.objects.create(
        subject="tickets", name="Old first", owner=ada, filters={}, sort="created_at"
    )
    actions.create({"subject": "One"}, by=ada)
    page = web.get(f"/staff/tickets/?view={view.pk}").content.decode()

    assert _carried(page).getlist("sort") == ["created_at"]
