"""The indexes that keep lists of a million tickets fast (benchmarks/lists.py).

Every sort walks an index of its column and the primary key. Open tickets, the fewest and most
read, have smaller ones of their own; without them a list sorted by age would read through all
closed tickets first.
"""

from django.db.models import Index, Q

__all__ = ["TICKETS"]

SORTED = {
    "created": "created_at",
    "updated": "updated_at",
    "due": "due_date",
    "status": "status",
    "priority": "priority",
}
# What says whose a ticket is: agents' open tickets are counted without reading one of them.
WHOSE = ("team", "assigned_to", "created_by")
OPEN = Q(is_open=True, deleted_at__isnull=True)

TICKETS = (
    *(Index(fields=(field, "id"), name=f"tickets_by_{name}") for name, field in SORTED.items()),
    *(
        Index(
            fields=(field, "id"),
            name=f"tickets_open_by_{name}",
            condition=OPEN,
            include=WHOSE if name == "created" else None,
        )
        for name, field in {**SORTED, "holder": "assigned_to"}.items()
    ),
)
