"""The pages of people and roles ask for no more than they show."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk.people.models import Role, User

pytestmark = pytest.mark.django_db


def _asked(client: Client) -> tuple[int, str]:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = client.get(reverse("people:roles")).content.decode()
    return len(asked), page


def test_the_page_of_roles_asks_as_often_for_many_as_for_one(
    client: Client, cleo: User, exporters: Role
) -> None:
    client.force_login(cleo)
    _asked(client)
    few, _page = _asked(client)
    everybody = [
        User.objects.create_user(f"agent-{number}", display_name=f"Agent {number}")
        for number in range(9)
    ]
    for number in range(4):
        Role.objects.create(name=f"Role {number}").people.set(everybody)

    many, page = _asked(client)

    assert many <= few + 1
    assert page.count('class="muted">9</span>') == 4
    assert page.count("Agent 5") == 4
    assert "Agent 6" not in page
