"""Django's admin covers every model, and changes nothing behind the history's back."""

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk.people.models import User
from desk.tickets import actions
from desk.tickets.models import Priority, Status, Tag, Ticket, TicketChange

pytestmark = pytest.mark.django_db
MODELS = [
    model
    for config in apps.get_app_configs()
    if config.name.startswith(("desk", "waybill"))
    for model in config.get_models()
]


def name(model: type, page: str) -> str:
    return f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_an_administrator_opens_the_list_of_every_model(
    model: type, cleo: User, client: Client
) -> None:
    assert model in admin.site._registry
    client.force_login(cleo, backend="django.contrib.auth.backends.ModelBackend")
    actions.create({"subject": "Printer"}, by=cleo)

    answer = client.get(reverse(name(model, "changelist")))
    assert answer.status_code == 200
    assert "Desk for operators" in answer.content.decode()


def test_nobody_else_gets_in(ben: User, client: Client) -> None:
    client.force_login(ben, backend="django.contrib.auth.backends.ModelBackend")

    assert client.get(reverse("admin:tickets_ticket_changelist")).status_code == 302


def test_history_accounts_and_rights_cannot_be_changed(cleo: User, client: Client) -> None:
    client.force_login(cleo, backend="django.contrib.auth.backends.ModelBackend")
    ticket = actions.create({"subject": "Printer"}, by=cleo)
    (change,) = ticket.changes.all()

    for row in (change, cleo):
        page = client.get(reverse(name(type(row), "change"), args=[row.pk]))
        assert page.status_code == 200
        assert b'name="_save"' not in page.content
        assert b"md5$" not in page.content
        for way in ("change", "delete"):
            assert client.post(reverse(name(type(row), way), args=[row.pk])).status_code == 403
    assert client.get(reverse("admin:people_roleright_add")).status_code == 403


def test_a_ticket_changed_there_has_its_line_of_history(cleo: User, client: Client) -> None:
    client.force_login(cleo, backend="django.contrib.auth.backends.ModelBackend")
    ticket = actions.create({"subject": "Printer"}, by=cleo)
    data = {
        "subject": "Scanner",
        "status": Status.objects.get(name="Closed").pk,
        "priority": Priority.objects.get(name="High").pk,
    }

    done = client.post(reverse("admin:tickets_ticket_change", args=[ticket.pk]), data)

    assert done.status_code == 302
    ticket.refresh_from_db()
    assert (ticket.subject, ticket.is_open) == ("Scanner", False)
    changed = TicketChange.objects.filter(actor=cleo).values_list("field", flat=True)
    assert {"created", "subject", "status", "priority"} <= {*changed}


def test_a_ticket_deleted_there_can_be_restored(cleo: User, client: Client) -> None:
    client.force_login(cleo, backend="django.contrib.auth.backends.ModelBackend")
    ticket = actions.create({"subject": "Printer"}, by=cleo)

    client.post(reverse("admin:tickets_ticket_delete", args=[ticket.pk]), {"post": "yes"})

    assert Ticket.objects.get(pk=ticket.pk).deleted_at is not None


@pytest.mark.parametrize("word", ["status", "tag"])
def test_what_tickets_point_at_is_not_deleted_nor_are_they_read_for_it(
    word: str, cleo: User, client: Client
) -> None:
    """There may be a million of them, each with its description."""
    client.force_login(cleo, backend="django.contrib.auth.backends.ModelBackend")
    model = Status if word == "status" else Tag
    used, free = (model.objects.create(name=name) for name in ("Used", "Free"))
    for number in range(3):
        ticket = Ticket.objects.create(ticket_code=f"T-{number}", subject="Printer")
        ticket.tags.set([used] if word == "tag" else [])
        Ticket.objects.filter(pk=ticket.pk).update(status=used if word == "status" else None)

    with CaptureQueriesContext(connection) as ran:
        shown = client.get(reverse(name(model, "delete"), args=[used.pk])).text
    for one in (used, free):
        client.post(reverse(name(model, "delete"), args=[one.pk]), {"post": "yes"})
    many = {"action": "delete_selected", "_selected_action": [used.pk], "post": "yes"}
    client.post(reverse(name(model, "changelist")), many)

    assert "3 tickets" in shown
    assert "Printer" not in shown
    assert not any("description" in query["sql"] for query in ran.captured_queries)
    assert [one.name for one in model.objects.filter(name__in=["Used", "Free"])] == ["Used"]
