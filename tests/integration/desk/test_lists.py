"""Lists: pages, totals, orders and filters."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from desk.lists import keyset
from desk.lists.listing import Asked, Page, chips, narrowed, page
from desk.lists.sorts import ordered
from desk.people.models import Team, User
from desk.tickets import indexes
from desk.tickets.lists import SORTS, TICKETS
from desk.tickets.models import Priority, Status, Tag, Ticket

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def some(count: int, **values: Any) -> list[Ticket]:
    start = Ticket.objects.count()
    rows = [
        Ticket(ticket_code=f"T-{number:04}", subject=f"Number {number}", created_at=NOW, **values)
        for number in range(start, start + count)
    ]
    return Ticket.objects.bulk_create(rows)


def listed(user: User | None = None, **asked: Any) -> set[Ticket]:
    return set(narrowed(TICKETS, user, Asked(**asked), at=NOW))


def walked(way: str, first: Page[Ticket], **asked: Any) -> Iterator[Page[Ticket]]:
    """Every page that follows on that way, the given one first."""
    here = first
    while True:
        yield here
        if not (word := getattr(here, way)):
            return
        here = page(TICKETS, None, Asked(**asked, cursor=word), at=NOW, size=7)


@pytest.fixture
def mixed() -> None:
    """Sixty tickets: ties, nulls in every column that can be null, several priorities."""
    priorities = [*Priority.objects.all(), None]
    statuses = [*Status.objects.all(), None]
    for number, ticket in enumerate(some(60)):
        ticket.created_at = NOW - timedelta(hours=number // 3)
        ticket.due_date = None if number % 4 == 0 else NOW + timedelta(days=number % 5)
        ticket.updated_at = None if number % 7 == 0 else NOW - timedelta(days=number % 3)
        ticket.priority = priorities[number % len(priorities)]
        ticket.status = statuses[number % len(statuses)]
        ticket.save()


@pytest.mark.usefixtures("mixed")
@pytest.mark.parametrize("sort", [way + key for key in SORTS for way in ("", "-")])
def test_pages_hold_every_row_once_in_order_and_lead_back_the_same_way(sort: str) -> None:
    start = page(TICKETS, None, Asked(sort=sort), at=NOW, size=7)
    there = [*walked("older", start, sort=sort)]
    back = [*walked("newer", there[-1], sort=sort)]

    rows = [row for one in there for row in one.rows]
    assert len(rows) == 60
    assert len(set(rows)) == 60
    assert [one.first for one in there] == list(range(1, 61, 7))
    assert [one.rows for one in back] == [one.rows for one in reversed(there)]
    assert [one.first for one in back] == [one.first for one in reversed(there)]
    assert {one.total.number for one in there + back} == {60}


@pytest.mark.usefixtures("mixed")
@pytest.mark.parametrize("key", [key for key, sort in SORTS.items() if not sort.ranked])
def test_a_page_is_what_the_database_would_sort_to(key: str) -> None:
    for way in ("", "-"):
        wanted = list(Ticket.objects.order_by(f"{way}{key}", f"{way}pk")[:20])
        assert page(TICKETS, None, Asked(sort=way + key), at=NOW, size=20).rows == wanted


@pytest.mark.usefixtures("mixed")
def test_priorities_are_sorted_by_urgency_and_rows_without_one_stand_apart() -> None:
    def names(sort: str) -> list[str | None]:
        rows = page(TICKETS, None, Asked(sort=sort), at=NOW, size=60).rows
        return list(dict.fromkeys(row.priority.name if row.priority else None for row in rows))

    assert names("priority") == ["Low", "Normal", "High", "Urgent", None]
    assert names("-priority") == [None, "Urgent", "High", "Normal", "Low"]


def test_a_row_that_comes_in_between_shifts_no_page() -> None:
    some(30)
    first = page(TICKETS, None, Asked(sort="-created_at"), at=NOW, size=10)
    Ticket.objects.create(ticket_code="NEW", subject="new", created_at=NOW + timedelta(hours=1))

    asked = Asked(sort="-created_at", cursor=first.older)
    second = page(TICKETS, None, asked, at=NOW, size=10)

    assert [row.ticket_code for row in second.rows] == [f"T-{n:04}" for n in range(19, 9, -1)]


@pytest.mark.parametrize("word", ["x", "1", "eyJhIjoxfQ:1:2"])
def test_a_damaged_cursor_is_refused_in_words(word: str) -> None:
    with pytest.raises(ValidationError, match="first page"):
        page(TICKETS, None, Asked(cursor=word), at=NOW)


def test_a_cursor_of_another_sort_leads_to_the_first_page() -> None:
    some(20)
    other = page(TICKETS, None, Asked(sort="due_date"), at=NOW, size=7).older

    assert page(TICKETS, None, Asked(sort="created_at", cursor=other), at=NOW, size=7).first == 1


def test_a_sort_that_is_not_declared_is_refused_with_those_that_are() -> None:
    with pytest.raises(ValidationError, match="ticket_code, status, priority"):
        page(TICKETS, None, Asked(sort="assigned_to__password"), at=NOW)


def test_totals_are_exact_up_to_the_limit_and_about_beyond(monkeypatch: Any) -> None:
    some(30)
    assert page(TICKETS, None, Asked(), at=NOW).total.exact

    monkeypatch.setattr("desk.lists.totals.LIMIT", 10)
    total = page(TICKETS, None, Asked(), at=NOW).total
    assert not total.exact
    assert total.number >= 11


def test_an_exact_code_is_pinned_on_top_and_counted_once() -> None:
    some(30, description="T-0007 again")
    asked = Asked(search="t-0007", sort="created_at")

    found = page(TICKETS, None, asked, at=NOW, size=10)

    assert found.pinned is not None
    assert found.pinned.ticket_code == "T-0007"
    assert found.pinned not in found.rows
    assert found.total.number == 30 == narrowed(TICKETS, None, asked, at=NOW).count()
    older = page(TICKETS, None, replace(asked, cursor=found.older), at=NOW, size=10)
    assert older.total.number == 30


def test_a_pinned_row_that_the_filters_leave_out_is_not_counted() -> None:
    some(3, is_open=False)
    asked = Asked(search="T-0001", filters={"is_open": True})

    found = page(TICKETS, None, asked, at=NOW)

    assert found.pinned is not None
    assert found.total.number == 0


def test_a_row_beside_the_filters_is_not_said_to_be_one_of_none(client: Client, ada: User) -> None:
    some(3, is_open=False)
    client.force_login(ada)

    shown = client.get("/staff/tickets/?own=1&is_open=true&search=T-0001")

    assert [row.ticket_code for row in shown.context["page"].rows] == ["T-0001"]
    assert shown.context["page"].shown_words == "These filters leave it out"
    found = client.get("/staff/tickets/?own=1&search=T-0001").context["page"]
    assert found.shown_words == "1–1 of 1"


def test_a_zone_that_this_machine_does_not_know_is_read_as_utc(dan: User) -> None:
    User.objects.filter(pk=dan.pk).update(time_zone="Mars/Olympus")
    dan.refresh_from_db()
    (ticket,) = some(1, created_by=dan)

    assert listed(dan, filters={"created_from": "2026-11-20", "created_to": "2026-11-20"}) == {
        ticket
    }
    day = {"created_from": "2026-11-20"}
    said = chips(TICKETS, dan, Asked(filters=day), at=NOW)
    assert said["created_from"][1] == "2026-11-20"


def test_filters_of_several_values_mean_any_of_them(dan: User, ben: User) -> None:
    mine, his, nobodys = some(3)
    for ticket, holder in ((mine, dan), (his, ben)):
        Ticket.objects.filter(pk=ticket.pk).update(assigned_to=holder)

    assert listed(filters={"assigned_to": [dan.pk, ben.pk]}) == {mine, his}
    assert listed(dan, filters={"assigned_to": "@me"}) == {mine}
    assert listed(filters={"unassigned": True}) == {nobodys}
    assert listed(filters={"unassigned": "false"}) == {mine, his}


def test_a_ticket_with_two_of_the_tags_is_listed_once() -> None:
    both, one, none = some(3)
    red, blue = (Tag.objects.create(name=name) for name in ("red", "blue"))
    both.tags.set([red, blue])
    one.tags.add(blue)

    rows = narrowed(TICKETS, None, Asked(filters={"tag": ["red", "blue"]}), at=NOW)
    assert sorted(row.pk for row in rows) == [both.pk, one.pk]
    assert listed(filters={"tag": "red"}) == {both}
    assert none not in listed(filters={"tag": ["blue", "today"]})


def test_filters_are_joined_by_and() -> None:
    team = Team.objects.create(name="Berlin")
    open_, _closed = some(2, team=team)
    some(1)
    Ticket.objects.exclude(pk=open_.pk).update(is_open=False)

    assert listed(filters={"team_id": str(team.pk), "is_open": "true"}) == {open_}


def test_a_plain_day_is_read_in_the_persons_zone_and_includes_its_end(dan: User, ada: User) -> None:
    ada.time_zone = "Asia/Tokyo"
    before, first, last, after = some(4)
    times = {
        before: "2026-11-17T14:59:59Z",
        first: "2026-11-17T15:00:00Z",
        last: "2026-11-18T14:59:59.999999Z",
        after: "2026-11-18T15:00:00Z",
    }
    for ticket, time in times.items():
        Ticket.objects.filter(pk=ticket.pk).update(created_at=datetime.fromisoformat(time))

    day = {"created_from": "2026-11-18", "created_to": "2026-11-18"}
    assert listed(ada, filters=day) == {first, last}
    assert listed(filters=day) == {last, after}


def test_relative_times_count_from_the_moment_of_asking() -> None:
    old, new = some(2)
    Ticket.objects.filter(pk=old.pk).update(created_at=NOW - timedelta(days=7, seconds=1))

    assert listed(filters={"created_from": "last 7 days"}) == {new}
    assert listed(filters={"created_from": "Last 2 weeks"}) == {old, new}
    assert listed(filters={"created_from": "today"}) == {new}
    assert listed(filters={"created_to": "yesterday"}) == {old}


def test_overdue_tickets_are_open_and_their_time_has_passed() -> None:
    late, done, soon, never = some(4)
    Ticket.objects.filter(pk__in=[late.pk, done.pk]).update(due_date=NOW - timedelta(minutes=1))
    Ticket.objects.filter(pk=done.pk).update(is_open=False)
    Ticket.objects.filter(pk=soon.pk).update(due_date=NOW + timedelta(minutes=1))

    assert listed(filters={"overdue": True}) == {late}
    assert listed(filters={"due_to": "overdue", "is_open": True}) == {late}
    assert never not in listed(filters={"due_to": "tomorrow"})


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"password": "x"}, "status_id"),
        ({"status_id": "Open"}, "Waiting on customer"),
        ({"status_id": 99999}, "Waiting on customer"),
        ({"status_id": []}, "status_id"),
        ({"is_open": "perhaps"}, "true, false"),
        ({"is_open": ""}, "is_open"),
        ({"created_from": "2026-13-01"}, "last 7 days"),
        ({"created_from": "soon"}, "last 7 days"),
        ({"due_to": "last 99999 days"}, "2026-11-20"),
        ({"overdue": "false"}, "true"),
        ({"assigned_to": "@me"}, "@me"),
        ({"status_id": {"a": 1}}, "status_id"),
    ],
)
def test_what_is_not_declared_or_does_not_parse_is_refused_by_name(
    filters: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        listed(filters=filters)

    (sentence,) = refused.value.messages
    assert said in sentence
    assert next(iter(filters)) in sentence


def test_filters_are_said_in_words(dan: User) -> None:
    open_ = Status.objects.get(name="Open")
    filters = {
        "status_id": [open_.pk],
        "assigned_to": "@me",
        "is_open": True,
        "created_from": "last 7 days",
        "created_to": "2026-11-19",
        "overdue": True,
        "tag": "printer",
    }

    words = chips(TICKETS, dan, Asked(filters=filters), at=NOW)

    assert {name: values for name, (_label, values) in words.items()} == {
        "status_id": "Open",
        "assigned_to": "Dan",
        "is_open": "yes",
        "created_from": "last 7 days (2026-11-13 12:00)",
        "created_to": "2026-11-19",
        "overdue": "yes (2026-11-20 12:00)",
        "tag": "printer",
    }
    assert words["status_id"][0] == "Status"


def test_every_index_of_open_tickets_holds_what_agents_are_told_apart_by() -> None:
    opened = (one for one in indexes.TICKETS if one.condition == indexes.OPEN)
    held = {one.name: {*one.fields, *one.include} for one in opened}

    assert len(held) == len(indexes.SORTED) + 1
    for name, columns in held.items():
        assert columns >= {"id", "team", "assigned_to", "created_by"}, name
    assert held["tickets_open_by_due"] >= {sort.field for sort in SORTS.values()}


def test_what_is_collected_at_once_is_counted_up_to_the_limit(mixed: None) -> None:
    for sort in (way + key for key in SORTS for way in ("", "-")):
        order = ordered(SORTS, sort)
        rows = Ticket.objects.filter(pk__gt=0)

        found, number = keyset.gather_all(rows, order, limit=7, at_most=61)

        assert number == 60
        assert found == keyset.gather(rows, order, after=None, limit=7)
        assert keyset.gather_all(rows, order, limit=7, at_most=20)[1] == 20
        assert keyset.gather_all(rows.none(), order, limit=7, at_most=20) == ([], 0)


@pytest.mark.usefixtures("mixed")
@pytest.mark.parametrize("sort", [way + key for key in SORTS for way in ("", "-")])
def test_testing_row_after_row_finds_what_collecting_them_finds(sort: str) -> None:
    order, rows = ordered(SORTS, sort), Ticket.objects.all()

    def even(some: Any) -> Any:
        return some.filter(ticket_code__regex="[02468]$")

    every = keyset.gather(even(rows), order, after=None, limit=60)
    assert len(every) == 30
    for after, backwards in ((None, False), (every[7], False), (every[-2], True)):
        ways = {"after": after, "limit": 9, "backwards": backwards}
        found = keyset.walk_testing(rows, even, order, steps=60, **ways)
        assert found == keyset.gather(even(rows), order, **ways)
        assert keyset.walk_testing(even(rows), even, order, steps=1, **ways) is None
    assert keyset.walk_testing(rows.none(), even, order, after=None, limit=9, steps=5) == []
