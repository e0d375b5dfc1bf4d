"""The same change to many selected tickets, with the same history as one by one."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from desk.history import Change, in_words
from desk.people.models import User
from desk.tickets.actions import remember
from desk.tickets.models import Priority, Status, Ticket

__all__ = ["LIMIT", "assign", "set_priority", "set_status"]

LIMIT = 1_000  # tickets in one go: about a second, while which they stay locked


def set_status(tickets: Iterable[int], status: Status, *, by: User | None) -> int:
    """Move tickets, given by id, to a status; gives how many changed."""
    follows = {"is_open": status.is_open, "is_resolved": status.is_resolved}
    return _set(tickets, "status", status, by=by, **follows)


def assign(tickets: Iterable[int], person: User | None, *, by: User | None) -> int:
    """Give tickets, given by id, to a person or to nobody; gives how many changed."""
    return _set(tickets, "assigned_to", person, by=by)


def set_priority(tickets: Iterable[int], priority: Priority | None, *, by: User | None) -> int:
    """Say how urgent tickets, given by id, are; gives how many changed."""
    return _set(tickets, "priority", priority, by=by)


@transaction.atomic
def _set(tickets: Iterable[int], field: str, value: Any, *, by: User | None, **follows: Any) -> int:
    """Change what the person may list of these; the others are passed over in silence."""
    wanted = set(tickets)
    if len(wanted) > LIMIT:
        raise ValidationError(
            _("Choose at most %(limit)s tickets at a time."), params={"limit": LIMIT}
        )
    mine = Ticket.objects.visible_to(by).filter(pk__in=wanted)
    locked = Ticket.objects.filter(pk__in=mine.values("pk")).select_for_update().order_by("pk")
    rows = {row.pk: row for row in locked if getattr(row, field) != value}
    held = Ticket.objects.filter(pk__in=rows).select_related(field).order_by("pk")
    new = in_words(value)
    remember(
        [(row, Change(field=field, old=in_words(getattr(row, field)), new=new)) for row in held],
        by=by,
    )
    return Ticket.objects.filter(pk__in=rows).update(**{field: value}, **follows, updated_at=Now())
