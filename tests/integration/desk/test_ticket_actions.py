"""Working tickets: what changes, and what the history says of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from desk.assets import actions as assets
from desk.people.models import Team, User
from desk.tickets import actions, bulk, queries
from desk.tickets.codes import next_code
from desk.tickets.models import Contact, Priority, Status, Ticket

pytestmark = pytest.mark.django_db


def lines(ticket: Ticket) -> list[tuple[str, str | None, str | None]]:
    return list(ticket.changes.values_list("field", "old", "new"))


def made(by: User | None = None, **values: object) -> Ticket:
    return actions.create({"subject": "Printer jams", **values}, by=by)


def test_a_new_ticket_gets_a_code_a_state_and_its_first_line_of_history(dan: User) -> None:
    ticket = made(dan)

    assert ticket.ticket_code.startswith("TCK-")
    assert ticket.status == Status.objects.get(name="New")
    assert (ticket.is_open, ticket.created_by) == (True, dan)
    assert ticket.updated_at == ticket.created_at
    assert lines(ticket) == [("created", None, None)]


def test_a_code_that_a_loaded_ticket_holds_is_passed_over(dan: User) -> None:
    number = int(next_code().removeprefix("TCK-"))
    Ticket.objects.create(ticket_code=f"TCK-{number + 1}", subject="loaded")

    assert made(dan).ticket_code == f"TCK-{number + 2}"


@pytest.mark.django_db(transaction=True)
def test_tickets_made_at_once_get_codes_of_their_own(dan: User) -> None:
    def one(_: int) -> str:
        try:
            return made(dan).ticket_code
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(one, range(40)))

    assert len(set(codes)) == 40


def test_an_edit_writes_a_line_for_each_field_that_changed_and_none_for_the_others(
    dan: User, ada: User
) -> None:
    ticket = made(dan)
    urgent = Priority.objects.get(name="Urgent")

    after = actions.edit(
        ticket, {"subject": "Printer jams", "priority": urgent, "assigned_to": dan}, by=ada
    )

    assert lines(after)[1:] == [("priority", None, "Urgent"), ("assigned_to", None, "Dan")]
    assert {change.actor for change in after.changes.all()} == {dan, ada}
    assert after.updated_at >= ticket.updated_at


def test_an_edit_that_changes_nothing_leaves_no_trace(dan: User) -> None:
    ticket = made(dan)

    after = actions.edit(ticket, {"subject": ticket.subject}, by=dan)

    assert after.updated_at == ticket.updated_at
    assert len(lines(after)) == 1


def test_a_field_that_no_page_edits_is_refused_by_name(dan: User) -> None:
    with pytest.raises(TypeError, match="ticket_code"):
        actions.edit(made(dan), {"ticket_code": "X"}, by=dan)


def test_a_status_says_whether_a_ticket_is_open_and_resolved(dan: User) -> None:
    ticket = actions.close(made(dan), by=dan)
    assert (ticket.status.name, ticket.is_open, ticket.is_resolved) == ("Closed", False, True)

    ticket = actions.reopen(ticket, by=dan)
    assert (ticket.status.name, ticket.is_open, ticket.is_resolved) == ("Open", True, False)
    assert lines(ticket)[1:] == [("status", "New", "Closed"), ("status", "Closed", "Open")]


def test_closing_says_what_is_missing_where_no_status_ends_a_ticket(dan: User) -> None:
    ticket = made(dan)
    Status.objects.filter(is_open=False).delete()

    with pytest.raises(ValidationError, match="no status for closed tickets"):
        actions.close(ticket, by=dan)


def test_a_loaded_ticket_without_a_subject_can_still_be_worked(dan: User) -> None:
    ticket = Ticket.objects.create(ticket_code="A-1", subject="")

    assert actions.assign(ticket, dan, by=dan).assigned_to == dan
    with pytest.raises(ValidationError, match="subject"):
        actions.edit(ticket, {"subject": "", "description": "more"}, by=dan)


def test_comments_are_public_or_internal_and_bring_the_ticket_up(dan: User) -> None:
    ticket = made(dan)
    actions.comment(ticket, "We look into it", by=dan)
    actions.comment(ticket, "Third time this week", by=dan, internal=True)
    ticket.refresh_from_db()

    said = [entry.comment for entry in queries.thread(ticket) if entry.comment]
    assert [(one.body, one.is_internal) for one in said] == [
        ("We look into it", False),
        ("Third time this week", True),
    ]
    assert ticket.updated_at is not None
    with pytest.raises(ValidationError, match="body"):
        actions.comment(ticket, "  ", by=dan)


def test_a_deleted_ticket_stands_in_no_list_and_can_come_back(dan: User) -> None:
    ticket = actions.delete(made(dan), by=dan)
    again = actions.delete(ticket, by=dan)

    assert ticket.deleted_at is not None
    assert again.deleted_at == ticket.deleted_at
    assert not Ticket.objects.visible_to(dan).exists()
    assert queries.one(dan, ticket.pk) == ticket

    restored = actions.restore(ticket, by=dan)
    assert Ticket.objects.visible_to(dan).get() == restored
    assert [field for field, *_ in lines(restored)] == ["created", "deleted", "restored"]


def test_tags_are_made_as_they_are_needed(dan: User) -> None:
    ticket = actions.tag(made(dan), " printer ", by=dan)
    actions.tag(ticket, "berlin", by=dan)
    (berlin, printer) = ticket.tags.all()

    after = actions.untag(ticket, berlin, by=dan)

    assert [*after.tags.all()] == [printer]
    assert lines(after)[-1] == ("tags", "berlin, printer", "printer")


def test_of_two_who_tag_or_link_at_once_neither_undoes_the_other(dan: User, ben: User) -> None:
    ticket = made(dan, assigned_to=ben)
    laptop, phone = (assets.create({"name": tag, "asset_tag": tag}, by=dan) for tag in "LP")
    # Both have the page open, with what was there before either of them.
    of_dan, of_ben, late = (queries.one(one, ticket.pk) for one in (dan, ben, dan))

    actions.tag(of_dan, "vip", by=dan)
    actions.tag(of_ben, "refund", by=ben)
    actions.link(of_dan, laptop, by=dan)
    actions.link(of_ben, phone, by=ben)

    assert [str(one) for one in ticket.tags.all()] == ["refund", "vip"]
    assert set(ticket.assets.all()) == {laptop, phone}
    assert ("tags", "vip", "refund, vip") in lines(ticket)
    actions.untag(late, ticket.tags.get(name="vip"), by=dan)
    actions.unlink(late, phone, by=dan)
    assert [str(one) for one in ticket.tags.all()] == ["refund"]
    assert set(ticket.assets.all()) == {laptop}


def test_a_contact_is_found_again_by_name_and_address() -> None:
    first = actions.contact_named("Mai", "mai@example.com")

    assert actions.contact_named("Mai", "MAI@example.com") == first
    assert actions.contact_named(" ", "") is None
    assert Contact.objects.count() == 1


def test_agents_list_the_tickets_of_their_teams_and_those_they_made_or_hold(
    ada: User, ben: User, dan: User
) -> None:
    berlin = Team.objects.create(name="Berlin")
    dan.teams.add(berlin)
    mine = [made(dan), made(ben, assigned_to=dan), made(ben, team=berlin)]
    other = made(ben)

    assert set(Ticket.objects.visible_to(dan)) == set(mine)
    assert Ticket.objects.visible_to(ada).count() == 4
    with pytest.raises(Ticket.DoesNotExist):
        queries.one(dan, other.pk)


def test_a_bulk_change_writes_the_same_history_as_single_ones(ada: User, dan: User) -> None:
    first, second, third = (made(dan) for _ in range(3))
    closed = Status.objects.get(name="Closed")
    actions.close(third, by=dan)

    changed = bulk.set_status([first.pk, second.pk, third.pk], closed, by=ada)

    assert changed == {first.pk, second.pk}
    assert lines(first)[-1] == lines(second)[-1] == ("status", "New", "Closed")
    assert len(lines(third)) == 2
    assert not Ticket.objects.filter(is_open=True).exists()
    assert first.changes.last().actor == ada


def test_a_bulk_change_passes_over_what_the_person_may_not_list(ben: User, dan: User) -> None:
    mine, other = made(dan), made(ben)

    assert bulk.assign([mine.pk, other.pk], dan, by=dan) == {mine.pk}
    other.refresh_from_db()
    assert other.assigned_to is None


def test_a_bulk_change_has_a_limit(ada: User) -> None:
    with pytest.raises(ValidationError, match="at most 1000"):
        bulk.assign(range(1001), ada, by=ada)
