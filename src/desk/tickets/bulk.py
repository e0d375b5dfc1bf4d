"""The same change to many selected tickets."""

from collections.abc import Iterable
from typing import Any

from desk.bulk import set_on_many
from desk.people.models import User
from desk.tickets.actions import remember
from desk.tickets.models import Priority, Status, Ticket

__all__ = ["assign", "set_priority", "set_status"]


def set_status(tickets: Iterable[int], status: Status, *, by: User | None) -> set[int]:
    """Move tickets, given by id, to a status; gives those that changed."""
    follows = {"is_open": status.is_open, "is_resolved": status.is_resolved}
    return _set(tickets, {"status": status, **follows}, by=by)


def assign(tickets: Iterable[int], person: User | None, *, by: User | None) -> set[int]:
    """Give tickets, given by id, to a person or to nobody; gives those that changed."""
    return _set(tickets, {"assigned_to": person}, by=by)


def set_priority(tickets: Iterable[int], priority: Priority | None, *, by: User | None) -> set[int]:
    """Say how urgent tickets, given by id, are; gives those that changed."""
    return _set(tickets, {"priority": priority}, by=by)


def _set(tickets: Iterable[int], values: dict[str, Any], *, by: User | None) -> set[int]:
    return set_on_many(Ticket.objects.visible_to(by), tickets, values, by=by, remember=remember)
