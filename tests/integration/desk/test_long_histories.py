"""Pages of what has a long history show the newest of it, and lead to the rest."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from desk.assets import actions as asset_actions
from desk.assets.models import AssetChange
from desk.people.models import User
from desk.tickets import actions
from desk.tickets.models import Comment, TicketChange
from desk.views import counts
from desk.views.models import SavedView
from tests.factories.jobs import claimed, finished
from waybill.jobs import log
from waybill.models import ExportLog
from waybill.shortid import to_short

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(client: Client, ada: User) -> Client:
    """Ada's browser."""
    client.force_login(ada)
    return client


def test_a_long_conversation_shows_its_end_first(web: Client, ada: User) -> None:
    ticket = actions.create({"subject": "Long"}, by=ada)
    Comment.objects.bulk_create(
        Comment(ticket=ticket, author=ada, body=f"Word {number:03}.") for number in range(250)
    )
    TicketChange.objects.bulk_create(
        TicketChange(ticket=ticket, actor=ada, field="subject", new=f"Name {number:03}.")
        for number in range(250)
    )
    address = reverse("tickets:detail", args=[ticket.pk])

    page, everything = (web.get(one).content.decode() for one in (address, f"{address}?all"))

    assert len(re.findall(r"Word \d+\.", page)) <= 200
    assert "Show everything that was said before" in page
    assert "Show everything" not in everything
    assert len(re.findall(r"Word \d+\.", everything)) == 250
    assert len(re.findall(r"Name \d+\.", everything)) == 250


def test_a_long_history_of_an_asset_shows_its_end_first(web: Client, ada: User) -> None:
    asset = asset_actions.create({"name": "Laptop", "asset_tag": "L-1"}, by=ada)
    AssetChange.objects.bulk_create(
        AssetChange(asset=asset, actor=ada, field="name", new=f"Name {number:03}.")
        for number in range(250)
    )
    address = reverse("assets:detail", args=[asset.pk])

    page, everything = (web.get(one).content.decode() for one in (address, f"{address}?all"))

    assert re.findall(r"Name (\d+)\.", page) == [f"{number:03}" for number in range(50, 250)]
    assert "Show everything that happened before" in page
    assert len(re.findall(r"Name \d+\.", everything)) == 250


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("fresh_folder", "quiet_doorbell")
def test_a_long_log_of_an_export_has_pages(
    web: Client, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("waybill.staff.watch.LOG_PAGE", 5)
    job = finished(claimed(ada))
    for _time in range(6):
        log.append(job.pk, log.Line("downloaded"))
    address = reverse("waybill:log", args=[to_short(job.pk)])

    first = web.get(address).content.decode()
    (further,) = re.findall(r'href="(\?after=\d+)"', first)
    second = web.get(f"{address}{further}").content.decode()

    assert first.count("<tr>") - 1 == 5
    assert second.count("<tr>") - 1 == ExportLog.objects.filter(job=job.pk).count() - 5
    assert "First lines" in second


def test_the_side_bar_counts_so_many_views_and_lists_the_others(
    web: Client, ada: User, dan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counts, "COUNTED", 8)
    SavedView.objects.bulk_create(
        SavedView(subject="tickets", name=f"Shared {number}", owner=dan, is_shared=True)
        for number in range(9)
    )

    page = web.get(reverse("tickets:list")).content.decode()

    assert len(counts.count(ada, "tickets")) == 8
    assert page.count('title="Shared ') == 9
