"""What was deleted is found again, by whoever could open it, and restored (D2, D3)."""

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from desk.assets import actions as asset_actions
from desk.people.models import User
from desk.tickets import actions
from desk.tickets.models import Ticket

pytestmark = pytest.mark.django_db


def _seen(person: User, address: str) -> str:
    client = Client()
    client.force_login(person)
    answer = client.get(address)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def _deleted(subject: str, by: User, **values: object) -> Ticket:
    return actions.delete(actions.create({"subject": subject, **values}, by=by), by=by)


def test_deleted_tickets_stand_in_a_list_of_their_own_the_last_deleted_first(
    ada: User, dan: User
) -> None:
    actions.create({"subject": "Still here"}, by=dan)
    for subject in ("Went first", "Went last"):
        _deleted(subject, dan)
    _deleted("Of somebody else", ada)

    mine = _seen(dan, reverse("tickets:deleted"))
    everybodys = _seen(ada, reverse("tickets:deleted"))

    assert re.findall("Went first|Went last|Still here|somebody else", mine) == [
        "Went last",
        "Went first",
    ]
    assert "Of somebody else" in everybodys
    assert "2 tickets" in mine
    for offered in ("Export 2", "Save view", "bulk-status"):
        assert offered not in mine


def test_the_list_of_deleted_tickets_is_searched_filtered_and_sorted(ada: User) -> None:
    one, two = _deleted("Printer jams", ada), _deleted("Tone is low", ada, assigned_to=ada)

    page = reverse("tickets:deleted")
    found = _seen(ada, f"{page}?search=printer")
    held = _seen(ada, f"{page}?assigned_to=@me")
    sorted_ = _seen(ada, f"{page}?sort=ticket_code")

    assert one.ticket_code in found
    assert two.ticket_code not in found
    assert two.ticket_code in held
    assert one.ticket_code not in held
    assert sorted_.index(one.ticket_code) < sorted_.index(two.ticket_code)


def test_lists_lead_to_what_was_deleted_and_a_restored_ticket_is_gone_from_there(
    client: Client, dan: User
) -> None:
    ticket = _deleted("Printer jams", dan)
    assert f'href="{reverse("tickets:deleted")}"' in _seen(dan, reverse("tickets:list"))
    assert ticket.ticket_code in _seen(dan, reverse("tickets:deleted"))

    client.force_login(dan)
    client.post(reverse("tickets:restore", args=[ticket.pk]))

    assert ticket.ticket_code not in _seen(dan, reverse("tickets:deleted"))


def test_deleted_assets_stand_in_a_list_of_their_own(dan: User) -> None:
    asset_actions.create({"name": "Screen", "asset_tag": "S-1"}, by=dan)
    laptop = asset_actions.create({"name": "Laptop", "asset_tag": "L-1"}, by=dan)
    asset_actions.delete(laptop, by=dan)

    page = _seen(dan, reverse("assets:deleted"))

    assert "Laptop" in page
    assert "Screen" not in page
    assert f'href="{reverse("assets:deleted")}"' in _seen(dan, reverse("assets:list"))


def test_the_side_bar_still_leads_there_after_its_numbers_came(dan: User) -> None:
    page = _seen(dan, reverse("views:counts", args=["tickets"]))

    assert f'href="{reverse("tickets:deleted")}"' in page
