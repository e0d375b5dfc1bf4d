"""What forms on the pages of tickets and assets change, and what they say of it."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from html import unescape
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk.assets import actions as asset_actions
from desk.assets import bulk, queries
from desk.assets.models import Asset, AssetStatus, Location
from desk.people.models import Role, RoleRight, User
from desk.people.rights import Right
from desk.tickets import actions
from desk.tickets import bulk as ticket_bulk
from desk.tickets import listing as ticket_listing
from desk.tickets.models import Contact, Priority, Status, Ticket
from desk.views.models import SavedView

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(client: Client, dan: User) -> Client:
    """Log in the agent."""
    client.force_login(dan, backend="django.contrib.auth.backends.ModelBackend")
    return client


def said(answer: HttpResponse) -> list[str]:
    """Give what this answer adds to what the next page says."""
    return [str(one) for one in get_messages(answer.wsgi_request)._queued_messages]


def asset(tag: str, by: User) -> Asset:
    return asset_actions.create({"name": f"Laptop {tag}", "asset_tag": tag}, by=by)


def lines(one: Asset) -> Iterable[tuple[str, str | None, str | None]]:
    return [*queries.changes(one).values_list("field", "old", "new")][1:]


def lines_of(one: Ticket) -> list[tuple[str, str | None, str | None]]:
    return [*one.changes.order_by("pk").values_list("field", "old", "new")]


def test_an_asset_is_linked_by_its_tag_and_taken_off_again(agent: Client, dan: User) -> None:
    ticket = actions.create({"subject": "Broken"}, by=dan)
    laptop = asset("LT-7", dan)

    agent.post(reverse("tickets:link", args=[ticket.pk]), {"asset_tag": " lt-7 "})
    assert [*ticket.assets.all()] == [laptop]
    shown = agent.get(reverse("tickets:detail", args=[ticket.pk])).content.decode()
    assert reverse("tickets:unlink", args=[ticket.pk, laptop.pk]) in shown

    agent.post(reverse("tickets:unlink", args=[ticket.pk, laptop.pk]))
    assert not ticket.assets.exists()
    changed = ticket.changes.filter(field="assets").order_by("pk")
    assert [(one.old, one.new) for one in changed] == [
        ("", "LT-7 Laptop LT-7"),
        ("LT-7 Laptop LT-7", ""),
    ]


def test_a_tag_of_no_asset_or_of_a_deleted_one_links_nothing(agent: Client, dan: User) -> None:
    ticket = actions.create({"subject": "Broken"}, by=dan)
    asset_actions.delete(asset("LT-8", dan), by=dan)

    for tag in ("LT-8", "LT-9", "", "%"):
        answer = agent.post(reverse("tickets:link", args=[ticket.pk]), {"asset_tag": tag})
        assert said(answer) == [f"No asset has the tag “{tag}”."]
    assert not ticket.assets.exists()


def test_nobody_links_an_asset_to_a_ticket_out_of_reach(
    agent: Client, ben: User, dan: User
) -> None:
    ticket = actions.create({"subject": "Not Dan's"}, by=ben)
    laptop = asset("LT-7", dan)

    answer = agent.post(reverse("tickets:link", args=[ticket.pk]), {"asset_tag": "LT-7"})
    assert answer.status_code == 404
    actions.link(ticket, laptop, by=ben)
    answer = agent.post(reverse("tickets:unlink", args=[ticket.pk, laptop.pk]))
    assert answer.status_code == 404
    assert ticket.assets.exists()


def test_selected_assets_change_together_with_their_history(agent: Client, dan: User) -> None:
    first, second, third = (asset(f"LT-{number}", dan) for number in range(3))
    stock, berlin = AssetStatus.objects.get(name="In stock"), Location.objects.create(name="Berlin")
    chosen = {"selected": [first.pk, second.pk], "status": stock.pk, "location": berlin.pk}

    answer = agent.post(reverse("assets:bulk"), {**chosen, "assigned_to": dan.pk})

    assert said(answer) == ["2 assets are changed."]
    for one in (first, second):
        one.refresh_from_db()
        assert (one.status, one.location, one.assigned_to) == (stock, berlin, dan)
        assert sorted(lines(one)) == [
            ("assigned_to", None, "Dan"),
            ("location", None, "Berlin"),
            ("status", None, "In stock"),
        ]
    assert lines(third) == []
    agent.post(reverse("assets:bulk"), {"selected": [first.pk], "assigned_to": "nobody"})
    first.refresh_from_db()
    assert first.assigned_to is None
    assert first.updated_at is not None


def test_deleted_assets_are_passed_over(dan: User) -> None:
    gone, here = asset("LT-1", dan), asset("LT-2", dan)
    asset_actions.delete(gone, by=dan)

    assert bulk.assign([gone.pk, here.pk], dan, by=dan) == {here.pk}


def test_the_list_of_assets_offers_to_change_the_selected_ones(agent: Client, dan: User) -> None:
    one = asset("LT-1", dan)

    shown = agent.get(reverse("assets:list")).content.decode()

    assert f'name="selected" value="{one.pk}"' in shown
    assert f'action="{reverse("assets:bulk")}"' in shown
    answer = agent.post(reverse("assets:bulk"), {"status": "1"})
    assert said(answer) == ["Select rows, and choose what to change about them."]


def test_people_are_told_how_many_characters_could_not_be_kept(agent: Client, dan: User) -> None:
    answer = agent.post(
        reverse("tickets:new"), {"subject": "a\0b", "description": "\0c\0", "title": "\0"}
    )
    assert said(answer)[1:] == ["3 characters that cannot be kept (NUL) are now each a “\ufffd”."]
    ticket = Ticket.objects.get()
    assert (ticket.subject, ticket.description) == ("a\ufffdb", "\ufffdc\ufffd")

    answer = agent.post(
        reverse("tickets:comment", args=[ticket.pk]), {"body": "x\0y", "audience": "public"}
    )
    assert said(answer) == ["1 character that cannot be kept (NUL) is now a “\ufffd”."]
    answer = agent.post(
        reverse("assets:new"), {"name": "Disk\0", "asset_tag": "D-1", "serial_number": "plain"}
    )
    assert said(answer)[1:] == ["1 character that cannot be kept (NUL) is now a “\ufffd”."]
    answer = agent.post(reverse("tickets:new"), {"subject": "plain"})
    assert len(said(answer)) == 1


def test_a_character_that_cannot_be_kept_breaks_no_list_and_no_small_form(
    client: Client, cleo: User
) -> None:
    client.force_login(cleo)
    ticket = actions.create({"subject": "x"}, by=cleo)
    for place in ("tickets:list", "assets:list", "people:list"):
        assert client.get(reverse(place), {"search": "a\0"}).status_code == 200
    assert client.get(reverse("tickets:list"), {"columns": "\0", "sort": "\0"}).status_code == 200
    told = "1 character that cannot be kept (NUL) is now a “\ufffd”."

    answer = client.post(reverse("tickets:tag", args=[ticket.pk]), {"name": "a\0"})

    assert said(answer) == [told]
    assert [str(one) for one in ticket.tags.all()] == ["a\ufffd"]
    answer = client.post(reverse("tickets:link", args=[ticket.pk]), {"asset_tag": "b\0"})
    assert said(answer) == ["No asset has the tag “b\ufffd”."]
    listed = {"name": "c\0", "query": "search=%00d"}
    answer = client.post(reverse("views:save", args=["tickets"]), listed)
    assert said(answer) == [told, "“c\ufffd” is saved."]
    assert SavedView.objects.get(owner=cleo).search == "\ufffdd"


def opened(client: Client, address: str, form: str = "form") -> dict[str, str]:
    """Give what a browser sends of a form on a page as it was opened."""
    bound: Any = client.get(address).context[form]
    drawn = "".join(str(field) for field in bound)
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" (?:value="([^"]*)")?', drawn)
    values = {one.html_name: one.field.prepare_value(one.value()) for one in bound}
    return {name: "" if value is None else str(value) for name, value in values.items()} | {
        name: unescape(value) for name, value in hidden
    }


def test_a_page_that_stood_open_writes_back_nothing_that_a_colleague_changed_since(
    agent: Client, dan: User, ben: User
) -> None:
    low, urgent = Priority.objects.order_by("pk")[:2]
    ticket = actions.create({"subject": "a", "description": "b " * 5_000, "priority": low}, by=dan)
    panel = opened(agent, reverse("tickets:detail", args=[ticket.pk]), "panel_form")
    page = opened(agent, reverse("tickets:edit", args=[ticket.pk]))
    actions.edit(ticket, {"priority": urgent, "subject": "A", "description": "B"}, by=ben)
    changed = ticket.changes.count()

    agent.post(reverse("tickets:fields", args=[ticket.pk]), panel | {"assigned_to": str(dan.pk)})
    agent.post(reverse("tickets:edit", args=[ticket.pk]), page | {"due_date": "2027-01-02T03:04"})

    ticket.refresh_from_db()
    assert (ticket.priority, ticket.subject, ticket.description) == (urgent, "A", "B")
    assert (ticket.assigned_to, ticket.due_date) == (dan, datetime(2027, 1, 2, 3, 4, tzinfo=UTC))
    assert ticket.changes.count() == changed + 2
    page = opened(agent, reverse("tickets:edit", args=[ticket.pk]))
    agent.post(
        reverse("tickets:edit", args=[ticket.pk]), page | {"description": "", "priority": ""}
    )
    ticket.refresh_from_db()
    assert (ticket.priority, ticket.subject, ticket.description) == (None, "A", "")


def test_an_asset_that_stood_open_keeps_what_a_colleague_changed_since(
    agent: Client, dan: User, ben: User
) -> None:
    one = asset("L-1", dan)
    page = opened(agent, reverse("assets:edit", args=[one.pk]))
    asset_actions.edit(one, {"name": "Tablet", "purchase_date": date(2026, 1, 2)}, by=ben)

    agent.post(reverse("assets:edit", args=[one.pk]), page | {"serial_number": "S-1"})

    one.refresh_from_db()
    assert (one.name, one.serial_number) == ("Tablet", "S-1")
    assert one.purchase_date == date(2026, 1, 2)


def test_a_corrected_contact_keeps_telephone_and_organisation(client: Client, cleo: User) -> None:
    client.force_login(cleo)
    RoleRight.objects.create(role=Role.objects.create(name="x"), right=Right.SEE_CONTACTS)
    cleo.roles.set(Role.objects.all())
    mai = Contact.objects.create(
        name="Mia", email="mai@example.com", phone="+49 30 1", organisation="Ace"
    )
    ticket = actions.create({"subject": "x", "contact": mai}, by=cleo)

    def corrected(**changes: str) -> Contact | None:
        page = opened(client, reverse("tickets:edit", args=[ticket.pk]))
        answer = client.post(reverse("tickets:edit", args=[ticket.pk]), page | changes)
        assert answer.status_code == 302
        ticket.refresh_from_db()
        return ticket.contact

    after = corrected(contact_name="Mai")
    assert after
    assert (after.name, after.email) == ("Mai", "mai@example.com")
    assert (after.phone, after.organisation) == ("+49 30 1", "Ace")
    assert lines_of(ticket)[-1] == ("contact", "Mia", "Mai")
    other = corrected(contact_name="Bob", contact_email="bob@example.com")
    assert other
    assert (other.phone, other.organisation) == ("", "")
    assert corrected(contact_name="", contact_email="") is None


def test_an_address_too_long_to_stand_for_a_name_is_refused(client: Client, cleo: User) -> None:
    client.force_login(cleo)
    RoleRight.objects.create(role=Role.objects.create(name="x"), right=Right.SEE_CONTACTS)
    cleo.roles.set(Role.objects.all())
    address = f"{'a' * 60}@{'.'.join(['b' * 60] * 2)}.{'c' * 30}.example"
    assert 200 < len(address) < 254

    answer = client.post(reverse("tickets:new"), {"subject": "x", "contact_email": address})

    assert answer.context["form"].errors.keys() == {"contact_email"}


@pytest.mark.parametrize("place", ["fields", "edit"])
def test_who_gives_a_ticket_away_is_led_to_the_list_and_told(
    place: str, agent: Client, dan: User, ben: User
) -> None:
    ticket = actions.create({"subject": "x", "assigned_to": dan}, by=None)
    address = reverse(f"tickets:{place}", args=[ticket.pk])
    gone = f"{ticket.ticket_code} is now with others: it no longer stands among your tickets."

    answer = agent.post(address, {"subject": "x", "assigned_to": str(ben.pk)})

    assert answer.headers["Location"] == reverse("tickets:list")
    assert said(answer)[-1] == gone
    actions.assign(ticket, dan, by=None)
    within = {"HX-Request": "true"}
    answer = agent.post(address, {"subject": "x", "assigned_to": ""}, headers=within)
    assert answer.headers["HX-Redirect"] == reverse("tickets:list")
    assert said(answer)[-1] == gone
    ticket.refresh_from_db()
    assert ticket.assigned_to is None


def test_every_selected_row_that_changed_in_any_way_is_counted_once(
    agent: Client, dan: User, ben: User
) -> None:
    closed, high = Status.objects.get(name="Closed"), Priority.objects.get(name="High")
    one, two, three = (
        actions.create({"subject": "x", "assigned_to": dan, **values}, by=None)
        for values in ({"priority": high}, {"priority": high}, {"status": closed})
    )
    chosen = {"selected": [one.pk, two.pk, three.pk]}

    answer = agent.post(
        reverse("tickets:bulk"),
        {**chosen, "status": closed.pk, "priority": high.pk, "assigned_to": ben.pk},
    )

    assert said(answer) == ["3 tickets are changed."]
    for ticket in (one, two, three):
        ticket.refresh_from_db()
        # Given away last: whoever only holds a ticket reaches it no more then.
        assert (ticket.status, ticket.priority, ticket.assigned_to) == (closed, high, ben)


def test_a_change_of_many_that_cannot_be_made_whole_is_not_made_at_all(
    agent: Client, dan: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*args: Any, **kwargs: Any) -> None:
        raise ValidationError("No.")

    monkeypatch.setitem(ticket_listing.CHANGES, "priority", refused)
    ticket = actions.create({"subject": "x", "assigned_to": dan}, by=None)
    closed, high = Status.objects.get(name="Closed"), Priority.objects.get(name="High")

    answer = agent.post(
        reverse("tickets:bulk"),
        {"selected": [ticket.pk], "status": closed.pk, "priority": high.pk},
    )

    assert said(answer) == ["No."]
    ticket.refresh_from_db()
    assert ticket.status != closed


def test_a_change_of_many_takes_no_query_for_each_and_reads_no_description(dan: User) -> None:
    def queries_for(count: int) -> list[str]:
        low, high = Priority.objects.order_by("pk")[:2]
        rows = [
            actions.create({"subject": "x", "priority": (low, None)[number % 2]}, by=dan).pk
            for number in range(count)
        ]
        with CaptureQueriesContext(connection) as ran:
            assert ticket_bulk.set_priority(rows, high, by=dan) == set(rows)
        return [query["sql"] for query in ran.captured_queries]

    few, many = queries_for(2), queries_for(9)

    assert len(few) == len(many)
    assert not any("description" in sql for sql in many)


@pytest.mark.parametrize("place", ["fields", "edit"])
def test_a_status_is_not_taken_away(place: str, agent: Client, dan: User) -> None:
    ticket = actions.create({"subject": "x", "assigned_to": dan}, by=None)
    address = reverse(f"tickets:{place}", args=[ticket.pk])
    answer = agent.post(address, {"subject": "x", "assigned_to": str(dan.pk), "status": ""})
    assert "Choose another status: a ticket keeps one." in answer.content.decode()
    ticket.refresh_from_db()
    assert ticket.status is not None
