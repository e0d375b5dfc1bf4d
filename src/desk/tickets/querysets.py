"""Which tickets a person may list."""

from datetime import datetime
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

if TYPE_CHECKING:
    from desk.people.models import User
    from desk.tickets.models import Ticket  # noqa: F401  (named in text below)

__all__ = ["TicketQuerySet"]


class TicketQuerySet(models.QuerySet["Ticket"]):
    """Tickets, narrowed by who asks and as of when."""

    def current(self) -> Self:
        """Leave out deleted tickets."""
        return self.filter(deleted_at__isnull=True)

    def as_of(self, at: datetime) -> Self:
        """Keep the tickets that existed, undeleted, at that time."""
        existed = self.filter(created_at__lte=at)
        return existed.filter(Q(deleted_at__isnull=True) | Q(deleted_at__gt=at))

    def gone(self) -> Self:
        """Keep deleted tickets only."""
        return self.filter(deleted_at__isnull=False)

    def in_reach_of(self, user: "User | None") -> Self:
        """Keep what the person may open, deleted tickets too.

        Administrators reach all, agents their teams' and those they made or hold. Without a
        person the caller is the system, which sees everything.
        """
        if user is None:
            return self
        if not user.is_active:
            return self.none()
        if user.is_admin:
            return self
        # Their ids, not a query for them: with that PostgreSQL would read the whole table.
        teams = list(user.teams.values_list("pk", flat=True))
        return self.filter(Q(team__in=teams) | Q(assigned_to=user) | Q(created_by=user))

    def visible_to(self, user: "User | None", *, at: datetime | None = None) -> Self:
        """Keep what the person may list."""
        rows = self.current() if at is None else self.as_of(at)
        return rows.in_reach_of(user)
