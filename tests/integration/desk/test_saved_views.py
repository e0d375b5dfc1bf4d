"""Saved views: the default set, own ones, shared ones."""

import re
from dataclasses import replace

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management import call_command
from django.test import Client
from django.utils.timezone import now

from desk.lists import totals
from desk.lists.listing import Asked, page
from desk.lists.totals import Total
from desk.people.models import User
from desk.tickets.models import Ticket
from desk.views import actions, queries
from desk.views.exports import saved_view
from desk.views.models import SavedView, Subject
from desk.views.subjects import SUBJECTS
from waybill import errors
from waybill.plan.freeze import freeze
from waybill.values import ExportRequest

pytestmark = pytest.mark.django_db


def saved(by: User, name: str = "VPN", **values: object) -> SavedView:
    return actions.create("tickets", {"name": name, **values}, by=by)


def names(user: User | None, subject: str = "tickets") -> list[str]:
    return [view.name for view in queries.open_to(user, subject)]


def test_a_fresh_desk_has_the_default_set(dan: User) -> None:
    wanted = ["All open", "Mine", "Unassigned", "Overdue", "Recently closed", "All tickets"]

    assert names(dan) == wanted
    assert names(dan, "assets") == ["All assets"]
    first = queries.default(dan, "tickets")
    assert first is not None
    assert first.name == "All open"


def test_every_default_view_opens_with_every_declared_sort(dan: User) -> None:
    for view in SavedView.objects.all():
        listing = SUBJECTS[view.subject].listing
        for sort in (view.sort, *listing.sorts):
            asked = Asked(filters=view.filters, search=view.search, sort=sort)
            assert page(listing, dan, asked, at=now()).rows == []


def test_a_default_view_that_was_deleted_stays_deleted(cleo: User) -> None:
    actions.delete(queries.named(cleo, "tickets", "Overdue"), by=cleo)

    call_command("migrate", verbosity=0)

    assert "Overdue" not in names(cleo)


def test_a_view_is_ones_own_until_it_is_shared(dan: User, ben: User) -> None:
    view = saved(dan, filters={"assigned_to": "@me"}, sort="-due_date", columns=["subject"])
    assert queries.for_menu(dan, "tickets")["own"] == [view]
    assert "VPN" not in names(ben)
    with pytest.raises(SavedView.DoesNotExist):
        queries.one(ben, view.pk)

    actions.change(view, {"is_shared": True}, by=dan)

    assert queries.for_menu(ben, "tickets")["shared"] == [view]
    assert queries.one(ben, view.pk) == view


def test_only_owners_and_administrators_change_a_view(dan: User, ben: User, cleo: User) -> None:
    private, shared = saved(dan), saved(dan, "Shared", is_shared=True)
    default = queries.named(ben, "tickets", "All open")

    for view in (private, shared, default):
        with pytest.raises(PermissionDenied):
            actions.change(view, {"name": "Mine now"}, by=ben)
        with pytest.raises(PermissionDenied):
            actions.delete(view, by=ben)
    with pytest.raises(PermissionDenied):
        actions.delete(private, by=cleo)
    assert actions.change(shared, {"name": "Better"}, by=cleo).owner == dan
    assert actions.change(default, {"sort": "due_date"}, by=cleo).sort == "due_date"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"name": " "}, "name"),
        ({"filters": {"secret": 1}}, "secret"),
        ({"filters": {"created_from": "never"}}, "created_from"),
        ({"sort": "subject"}, "created_at"),
        ({"columns": ["subject", "password"]}, "password"),
        ({"labels": {"password": "Word"}}, "password"),
        ({"labels": {"subject": "x" * 101}}, "100"),
    ],
)
def test_a_view_that_no_list_could_open_is_not_kept(
    dan: User, values: dict[str, object], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        saved(dan, **{"name": "VPN", **values})


def test_two_views_of_one_person_have_two_names(dan: User, ben: User) -> None:
    saved(dan)
    saved(ben)

    with pytest.raises(ValidationError, match="already have a view"):
        saved(dan)


def test_ones_own_view_comes_before_a_shared_one_of_its_name(dan: User, ben: User) -> None:
    theirs = saved(ben, "All open", is_shared=True)
    default = queries.named(dan, "tickets", "All open")
    assert default.owner is None

    mine = saved(dan, "All open")

    assert queries.named(dan, "tickets", "All open") == mine
    assert queries.named(ben, "tickets", "All open") == theirs
    assert queries.named(None, Subject.TICKETS, "All open") == default


def test_a_part_of_a_name_still_means_the_default_view_when_others_have_it_too(
    dan: User, ben: User
) -> None:
    def found(name: str) -> str:
        return saved_view(Subject.TICKETS, name, dan, default_sort="id").name

    assert (found("open"), found("OVERDUE")) == ("All open", "Overdue")
    saved(ben, "Open VIP", is_shared=True)
    saved(dan, "Opened by me")
    saved(dan, "overdue")
    assert (found("open"), found("OVERDUE"), found("vip")) == ("All open", "Overdue", "Open VIP")
    saved(ben, "Opened late", is_shared=True)
    for several in ("all", "opened"):
        with pytest.raises(errors.ViewUnknown):
            found(several)


def test_a_view_names_the_columns_of_its_exports(client: Client, ben: User) -> None:
    """F6: set on the view's page, and found again in the dialog and in a file."""
    view = saved(ben, columns=["ticket_code", "subject", "status"], labels={"subject": "Betreff"})
    client.force_login(ben)
    page = f"/staff/views/{view.pk}/"
    shown = client.get(page).text
    assert re.findall(r'name="label\.(\w+)"', shown) == ["ticket_code", "subject", "status"]
    assert 'value="Betreff"' in shown

    sent = {"name": "VPN", "label.status": " Zustand ", "label.subject": "", "label.team": "x"}
    assert client.post(page, sent).status_code == 302

    view.refresh_from_db()
    assert view.labels == {"status": "Zustand"}
    assert (
        'name="label.status" value="Zustand"'
        in client.get("/staff/exports/new/tickets/?view=VPN").text
    )
    asked = ExportRequest(resource="tickets", view="VPN")
    assert freeze(asked, ben).request.labels == {"status": "Zustand"}
    asked = replace(asked, labels={"status": "State", "subject": "Title"})
    assert freeze(asked, ben).request.labels == {"status": "State", "subject": "Title"}


def test_a_longer_heading_than_a_view_takes_is_said_at_its_field(client: Client, ben: User) -> None:
    view = saved(ben)
    client.force_login(ben)
    answer = client.post(f"/staff/views/{view.pk}/", {"name": "VPN", "label.subject": "x" * 101})
    assert "at most 100 characters" in answer.text
    view.refresh_from_db()
    assert view.labels == {}


def test_a_list_that_is_saved_to_its_view_keeps_the_headings(client: Client, ben: User) -> None:
    view = saved(ben, columns=["subject", "status"], labels={"status": "Zustand"})
    actions.change(view, {"columns": ["subject"]}, by=ben)
    view.refresh_from_db()
    assert (view.columns, view.labels) == (["subject"], {"status": "Zustand"})


def asked_of_the_export(client: Client, view: SavedView) -> set[tuple[str, str]]:
    """Read what the export button of a list sends along."""
    text = client.get("/staff/tickets/", {"view": view.pk}).text
    form = re.search(r'<form method="get" action="/staff/exports/new/tickets/">(.*?)</form>', text)
    assert form
    return set(re.findall(r'name="([^"]+)" value="([^"]*)"', form[1]))


def test_the_export_button_exports_the_open_view_whoever_else_uses_its_name(
    client: Client, ben: User, dan: User
) -> None:
    client.force_login(ben)
    default = queries.named(ben, "tickets", "Overdue")
    theirs = saved(dan, "Urgent", is_shared=True, filters={"is_open": True}, sort="due_date")
    assert asked_of_the_export(client, default) == {("view", "Overdue")}
    assert asked_of_the_export(client, theirs) == {("view", "Urgent")}

    mine = [saved(ben, "Overdue", filters={"is_open": False}), saved(ben, "Urgent")]

    assert asked_of_the_export(client, theirs) == {("f.is_open", "true"), ("sort", "due_date")}
    assert ("f.overdue", "true") in asked_of_the_export(client, default)
    assert {("view", view.name) for view in mine} == set().union(
        *(asked_of_the_export(client, view) for view in mine)
    )


def counted(client: Client) -> dict[str, str]:
    """Read the side bar of the list of tickets, as one without JavaScript sees it."""
    text = client.get("/staff/tickets/").text
    found = re.findall(r"<span>([^<]+)</span><span class=\"count\">([^<]+)</span>", text)
    return dict(found)


def test_the_side_bar_has_its_numbers_without_javascript(client: Client, cleo: User) -> None:
    client.force_login(cleo)
    for number in range(3):
        Ticket.objects.create(ticket_code=f"T-{number}", subject="x", assigned_to=cleo)

    shown = counted(client)

    assert (shown["All open"], shown["Mine"], shown["Overdue"]) == ("3", "3", "0")
    assert len(shown) == 6
    assert "/staff/views/counts" not in client.get("/staff/tickets/").text


def test_the_side_bar_guesses_what_takes_long_to_count(
    client: Client, cleo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(cleo)
    monkeypatch.setattr("desk.lists.totals.CHEAP", -1)

    shown = client.get("/staff/tickets/")

    # The view that is open was counted for its page.
    assert counted(client)["All open"] == "0"
    assert counted(client)["Mine"].startswith("about ")
    address = shown.context["side"].counts_url
    assert "about" not in client.get(address).text
    assert counted(client)["Mine"] == "0"


def test_more_rows_than_are_counted_are_about_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(9):
        Ticket.objects.create(ticket_code=f"T-{number}", subject="x")
    monkeypatch.setattr("desk.lists.totals.LIMIT", 4)

    assert totals.at_hand(Ticket.objects.all()) == Total(number=5, exact=False, uncounted=True)


def test_a_view_of_somebody_who_is_gone_has_no_number_and_breaks_no_list(
    client: Client, cleo: User, dan: User
) -> None:
    client.force_login(cleo)
    saved(cleo, "Of Dan", filters={"assigned_to": dan.pk})
    dan.delete()

    shown = client.get("/staff/tickets/")

    assert shown.status_code == 200
    assert "Of Dan" not in counted(client)
    again = client.get(shown.context["side"].counts_url)
    assert "Of Dan" in again.text
    assert "hx-get" not in again.text
