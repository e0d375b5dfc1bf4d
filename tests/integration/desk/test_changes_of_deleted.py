"""A deleted ticket or asset is read and restored, and changed in no other way."""

import pytest
from django.test import Client
from django.urls import reverse

from desk.assets import actions as asset_actions
from desk.people.models import User
from desk.tickets import actions
from desk.tickets.models import Priority, Tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def web(client: Client, dan: User) -> Client:
    """Dan's browser."""
    client.force_login(dan)
    return client


def test_the_page_of_a_deleted_ticket_offers_nothing_but_to_restore_it(
    web: Client, dan: User
) -> None:
    tag = Tag.objects.create(name="vip")
    ticket = actions.create({"subject": "Printer jams"}, by=dan, tags=[tag])
    actions.delete(ticket, by=dan)

    page = web.get(reverse("tickets:detail", args=[ticket.pk])).content.decode()

    main = page.partition("<main")[2]
    assert main.count("<form") == 1
    assert reverse("tickets:restore", args=[ticket.pk]) in main
    assert "vip" in main
    assert "<select" not in main


@pytest.mark.parametrize("way", ["edit", "fields", "comment", "tag", "link", "close", "reopen"])
def test_a_deleted_ticket_takes_no_change(way: str, web: Client, dan: User) -> None:
    ticket = actions.create({"subject": "Printer jams"}, by=dan)
    asset_actions.create({"name": "Laptop", "asset_tag": "L-1"}, by=dan)
    actions.delete(ticket, by=dan)
    before = ticket.changes.count()
    urgent = Priority.objects.first()
    assert urgent is not None
    sent = {"subject": "Changed", "priority": urgent.pk, "body": "Late", "audience": "public"}

    answer = web.post(
        reverse(f"tickets:{way}", args=[ticket.pk]), {**sent, "name": "vip", "asset_tag": "L-1"}
    )

    assert answer.status_code == 302
    assert answer["Location"] == reverse("tickets:detail", args=[ticket.pk])
    said = web.get(answer["Location"]).content.decode()
    assert "is deleted: restore it first" in said
    ticket.refresh_from_db()
    assert (ticket.subject, ticket.comments.count()) == ("Printer jams", 0)
    assert ticket.changes.count() == before


def test_a_deleted_asset_is_not_edited(web: Client, dan: User) -> None:
    asset = asset_actions.create({"name": "Laptop", "asset_tag": "L-1"}, by=dan)
    asset_actions.delete(asset, by=dan)

    answer = web.post(
        reverse("assets:edit", args=[asset.pk]), {"name": "Changed", "asset_tag": "L-1"}
    )

    assert answer["Location"] == reverse("assets:detail", args=[asset.pk])
    asset.refresh_from_db()
    assert asset.name == "Laptop"
