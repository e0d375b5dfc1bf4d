"""The rows a desk starts with: made after migrating where a table is empty, never changed again."""

from typing import Any

from desk.naming import Tone
from desk.planting import fill
from desk.tickets.models import Priority, Status, TicketType

__all__ = ["plant"]

STATUSES = (
    Status(name="New", is_open=True, rank=10, tone=Tone.BLUE),
    Status(name="Open", is_open=True, rank=20, tone=Tone.BLUE),
    Status(name="In progress", is_open=True, rank=30, tone=Tone.BLUE),
    Status(name="Waiting on customer", is_open=True, rank=40, tone=Tone.AMBER),
    Status(name="Resolved", is_open=False, is_resolved=True, rank=50, tone=Tone.GREEN),
    Status(name="Closed", is_open=False, is_resolved=True, rank=60, tone=Tone.GREY),
)
PRIORITIES = (
    Priority(name="Low", rank=10, tone=Tone.GREY),
    Priority(name="Normal", rank=20, tone=Tone.GREY),
    Priority(name="High", rank=30, tone=Tone.AMBER),
    Priority(name="Urgent", rank=40, tone=Tone.RED),
)
TYPES = tuple(TicketType(name=name) for name in ("Question", "Incident", "Problem", "Task"))


def plant(*, using: str, **_: Any) -> None:
    """Make statuses, priorities and types where there are none; a receiver of `post_migrate`."""
    fill(Status, STATUSES, using)
    fill(Priority, PRIORITIES, using)
    fill(TicketType, TYPES, using)
