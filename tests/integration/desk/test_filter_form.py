"""The filter menu of a list: what it offers, and that "Apply" forgets nothing."""

from typing import Any

import pytest
from django.http import QueryDict
from django.test import Client

from desk.people.models import User
from desk.staff import filterform
from desk.tickets.filters import TicketFilter

pytestmark = pytest.mark.django_db


def applied(client: Client, query: str) -> dict[str, list[str]]:
    """Open the list and send its filter menu as it is: gives the filters that then count."""
    page: Any = client.get(f"/staff/tickets/?{query}").context["page"]
    sent = QueryDict(mutable=True)
    for name, value in page.kept:
        sent.appendlist(name, value)
    for bound in page.filter_form:
        choices = getattr(bound.field, "choices", None)
        shown = bound.initial if isinstance(bound.initial, list) else [bound.initial]
        for value in shown:
            if value and (choices is None or value in dict(choices)):
                sent.appendlist(bound.name, value)
    again: Any = client.get(f"/staff/tickets/?{sent.urlencode()}").context["page"]
    assert not again.problem
    return {name: sorted(values) for name, values in again.wanted.filters.items()}


def test_what_means_yes_only_is_offered_as_yes_only() -> None:
    form = filterform.filter_form(TicketFilter, {})

    assert [value for value, _ in form.fields["overdue"].choices] == ["", "true"]
    assert [value for value, _ in form.fields["is_open"].choices] == ["", "true", "false"]


def test_applying_the_menu_as_it_is_keeps_every_filter(
    client: Client, cleo: User, dan: User, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also a second tag, which has no field, and people beyond those that the menu offers."""
    monkeypatch.setattr(filterform, "MOST_CHOICES", 2)
    User.objects.filter(pk=dan.pk).update(is_active=False)
    many = [User.objects.create(username=f"a{number}") for number in range(9)]
    client.force_login(cleo)

    people = [str(dan.pk), str(many[7].pk), "@me"]
    query = "&".join(["tag=a&tag=b", *(f"created_by={one}" for one in people)])

    assert applied(client, query) == {"tag": ["a", "b"], "created_by": sorted(people)}
    form = filterform.filter_form(TicketFilter, {"created_by": (str(dan.pk), "9" * 30)})
    offered = [value for value, _ in form.fields["created_by"].choices]
    assert offered[:2] == ["@me", str(dan.pk)]
    assert len(offered) == 2 + 2
