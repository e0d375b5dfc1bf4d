"""Codes of new tickets: `TCK-10482`, from a sequence of the database, so no two are alike."""

from django.db import connection

from desk.tickets.models import Ticket

__all__ = ["PREFIX", "next_code", "reserve"]

PREFIX = "TCK-"


def next_code() -> str:
    """Give the next code that no ticket has; loaded tickets may hold some of the numbers."""
    while True:
        code = f"{PREFIX}{reserve(1)[0]}"
        if not Ticket.objects.filter(ticket_code=code).exists():
            return code


def reserve(count: int) -> list[int]:
    """Draw that many numbers for rows made in bulk; they rise, with gaps where others draw too."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('tickets_code') FROM generate_series(1, %s)", [count])
        return [number for (number,) in cursor.fetchall()]
