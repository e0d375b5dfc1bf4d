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
# What says whose a ticket is: agents' open tickets are found without reading one of the others.
WHOSE = ("team", "assigned_to", "created_by")
# Overdue tickets are sorted by anything, so all that a list is sorted by lies beside the due date.
ALL = (*WHOSE, "status", "priority", "created_at", "updated_at", "ticket_code")
GONE = Q(deleted_at__isnull=False)
OPEN = Q(is_open=True, deleted_at__isnull=True)

TICKETS = (
    *(Index(fields=(field, "id"), name=f"tickets_by_{name}") for name, field in SORTED.items()),
    *(
        Index(
            fields=(field, "id"),
            name=f"tickets_open_by_{name}",
            condition=OPEN,
            include=ALL if name == "due" else [one for one in WHOSE if one != field],
        )
        for name, field in {**SORTED, "holder": "assigned_to"}.items()
    ),
    Index(fields=("deleted_at", "id"), name="tickets_deleted", condition=GONE),
)
