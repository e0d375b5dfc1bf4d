"""What pages read about single tickets; lists are read through `desk.tickets.lists`."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from desk.people.models import User
from desk.tickets.models import Comment, Priority, Status, Ticket, TicketChange, TicketType

__all__ = ["Entry", "first_open_status", "one", "priorities", "statuses", "thread", "types"]

RELATED = ("status", "priority", "type", "assigned_to", "created_by", "team", "contact")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a conversation: something said, or what one person changed at one time."""

    at: datetime
    comment: Comment | None = None
    changes: tuple[TicketChange, ...] = ()


def one(user: User | None, pk: int) -> Ticket:
    """Give a ticket that the person may open, deleted or not, with all that it points at.

    Raises `Ticket.DoesNotExist` for one that is not there or not theirs, which is the same.
    """
    rows = Ticket.objects.in_reach_of(user).select_related(*RELATED)
    return rows.prefetch_related("tags", "assets").get(pk=pk)


def first_open_status() -> Status | None:
    """Give the status that a new ticket has."""
    return Status.objects.filter(is_open=True).first()


def thread(ticket: Ticket, *, most: int | None = None) -> list[Entry]:
    """Give the conversation and the history of a ticket, oldest first; of `most` the newest."""
    said = ticket.comments.select_related("author").order_by("-created_at", "-pk")[:most]
    entries = [Entry(at=comment.created_at, comment=comment) for comment in said][::-1]
    merged = sorted([*entries, *_changes(ticket, most)], key=lambda entry: entry.at)
    return merged if most is None else merged[-most:]


def _changes(ticket: Ticket, most: int | None) -> list[Entry]:
    """Give the history, what was changed together in one entry."""
    together: dict[tuple[datetime, int | None], list[TicketChange]] = {}
    newest = ticket.changes.select_related("actor").order_by("-at", "-pk")[:most]
    for change in [*newest][::-1]:
        together.setdefault((change.at, change.actor_id), []).append(change)
    return [Entry(at=at, changes=tuple(changes)) for (at, _actor), changes in together.items()]


def statuses() -> QuerySet[Status]:
    """List the states a ticket can be in."""
    return Status.objects.all()


def priorities() -> QuerySet[Priority]:
    """List the degrees of urgency, the most urgent first."""
    return Priority.objects.all()


def types() -> QuerySet[TicketType]:
    """List what sorts of things tickets are about."""
    return TicketType.objects.all()
