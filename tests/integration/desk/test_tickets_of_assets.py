"""The tickets that point at an asset: some on its page, all of them in the list."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from desk.assets import actions as asset_actions
from desk.people.models import User
from desk.tickets import actions

pytestmark = pytest.mark.django_db


def test_an_asset_with_many_tickets_leads_to_all_of_them(client: Client, dan: User) -> None:
    laptop = asset_actions.create({"name": "Laptop", "asset_tag": "L 1&2"}, by=dan)
    for number in range(23):
        actions.create({"subject": f"Matter {number}"}, by=dan, assets=[laptop])
    actions.create({"subject": "Nothing to do with it"}, by=dan)
    client.force_login(dan)

    page = client.get(reverse("assets:detail", args=[laptop.pk])).content.decode()
    lead = re.search(r'href="([^"]+)"[^>]*>All tickets of this asset', page)
    assert lead is not None
    listed = client.get(lead[1].replace("&amp;", "&")).content.decode()

    assert page.count("Matter ") == 20
    assert "23 tickets" in listed
    assert "Nothing to do with it" not in listed


def test_an_asset_with_few_tickets_needs_no_such_link(client: Client, dan: User) -> None:
    laptop = asset_actions.create({"name": "Laptop", "asset_tag": "L-1"}, by=dan)
    actions.create({"subject": "Matter"}, by=dan, assets=[laptop])
    client.force_login(dan)

    page = client.get(reverse("assets:detail", args=[laptop.pk])).content.decode()

    assert "Matter" in page
    assert "All tickets of this asset" not in page
