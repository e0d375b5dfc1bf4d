"""Which tickets a person may list."""

from typing import TYPE_CHECKING, Self

from django.db.models import Q

from desk.records import RecordQuerySet

if TYPE_CHECKING:
    from desk.people.models import User
    from desk.tickets.models import Ticket  # noqa: F401  (named in text below)

__all__ = ["TicketQuerySet"]


class TicketQuerySet(RecordQuerySet["Ticket"]):
    """Tickets, narrowed by who asks and as of when."""

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
