"""Tickets of about 400 bytes for the databases beside PostgreSQL.

`python -m benchmarks.portable_rows ROWS` makes them in the empty database of DATABASE_URL.
"""

import random
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import connection

from benchmarks import frame

__all__ = ["fill"]

APPS = ("contenttypes", "people", "assets", "tickets")
FIRST = 50_000  # rows made in Python; more are copies made by the database
WORDS = [
    "printer", "password", "größer", "日本語", "network", "=SUM(A1)", "reset,", '"quoted"', "login",
    "mail", "Anhang", "слово", "keyboard", "slow", "meeting", "room", "projector", "licence",
    "update", "ประชุม", "invoice", "über", "-5", "+49",
]  # fmt: skip


def fill(rows: int) -> int:
    """Make the tables and `rows` tickets; give their number."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA journal_mode=WAL")
    with connection.schema_editor() as editor:
        for app in APPS:
            for model in apps.get_app_config(app).get_models():
                if any("Vector" in type(field).__name__ for field in model._meta.fields):
                    continue  # what the search of Desk's lists reads, which is PostgreSQL's own
                # Desk's are partial or over expressions, which not every database takes.
                model._meta.indexes = [one for one in model._meta.indexes if plain(one)]
                model._meta.constraints = [one for one in model._meta.constraints if plain(one)]
                editor.create_model(model)
    from desk.people.models import User
    from desk.tickets.models import Priority, Status, Ticket, TicketType

    draw = random.Random(4)
    made: dict[str, list[Any]] = {
        "status": Status._base_manager.bulk_create(Status(name=f"Status {n}") for n in range(6)),
        "priority": Priority._base_manager.bulk_create(Priority(name=f"P{n}") for n in range(4)),
        "type": TicketType._base_manager.bulk_create(TicketType(name=f"T {n}") for n in range(5)),
    }
    people = User._base_manager.bulk_create(
        User(username=f"user{n}", display_name=f"Person {n} Ünal") for n in range(200)
    )
    made |= {"assigned_to": [*people, None], "created_by": people}
    Ticket._base_manager.bulk_create(
        (Ticket(**ticket(draw, number, made)) for number in range(min(rows, FIRST))),
        batch_size=2_000,
    )
    copied(rows)
    return int(Ticket._base_manager.count())


def plain(made: Any) -> bool:
    """Say whether every database has such an index or constraint."""
    return not made.expressions and not made.condition


def ticket(draw: random.Random, number: int, made: dict[str, list[Any]]) -> dict[str, Any]:
    """Give the values of one ticket."""
    created = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=37 * number, microseconds=number)
    return {
        "ticket_code": f"T-{number:07d}",
        "subject": " ".join(draw.choices(WORDS, k=6)),
        "description": "\n".join(" ".join(draw.choices(WORDS, k=11)) for _ in range(2)),
        "is_open": draw.random() < 0.5,
        "is_resolved": draw.random() < 0.5,
        "created_at": created,
        "due_date": created + timedelta(days=3) if draw.random() < 0.7 else None,
        "updated_at": created + timedelta(hours=5),
        **{name: draw.choice(rows) for name, rows in made.items()},
    }


def copied(rows: int) -> None:
    """Multiply the tickets up to `rows` inside the database."""
    from desk.tickets.models import Ticket

    names = [one.column for one in Ticket._meta.concrete_fields if one.column != "id"]
    rest = ", ".join(name for name in names if name != "ticket_code")
    joined = "ticket_code || %s" if connection.vendor == "sqlite" else "CONCAT(ticket_code, %s)"
    left = rows - FIRST
    with connection.cursor() as cursor:
        while left > 0:
            cursor.execute(
                f"INSERT INTO tickets_ticket (ticket_code, {rest}) "
                f"SELECT {joined}, {rest} FROM tickets_ticket WHERE id <= {FIRST} LIMIT {left}",
                [f"-{left}"],
            )
            left -= FIRST


if __name__ == "__main__":
    frame.set_up()
    fill(int(sys.argv[1]))
