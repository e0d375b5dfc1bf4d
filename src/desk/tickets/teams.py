"""What becomes of a team's tickets when the team is deleted."""

from django.db import connection
from django.db.models.functions import Now

from desk.people.models import Team, User
from desk.tickets.models import Ticket

__all__ = ["set_free"]

# As `actions.remember` writes them, without fetching what may be 200,000 tickets. Locked in the
# order of ids, as bulk changes do, so that neither waits for the other for ever.
LINES = """
    INSERT INTO tickets_ticketchange (ticket_id, actor_id, field, old)
    SELECT id, %s, 'team', %s
    FROM (SELECT id FROM tickets_ticket WHERE team_id = %s ORDER BY id FOR UPDATE) AS theirs
"""


def set_free(*, team: Team, by: User | None, **_: object) -> None:
    """Take the tickets off a team, each with its line of history."""
    with connection.cursor() as cursor:
        cursor.execute(LINES, [by.pk if by else None, str(team), team.pk])
    Ticket.objects.filter(team=team).update(team=None, updated_at=Now())
