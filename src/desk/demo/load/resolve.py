"""From names to ids: the values of a ticket's row."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from desk.demo.load import names
from desk.demo.load.values import TicketRecord
from desk.tickets.models import Priority, Status, Tag, TicketType

__all__ = ["COLUMNS", "NOTHING", "Lookup", "find_names", "values"]

# The columns that come from the file, in the order of `values`.
COLUMNS = (
    "created_at",
    "subject",
    "description",
    "status_id",
    "priority_id",
    "type_id",
    "assigned_to_id",
    "created_by_id",
    "is_open",
    "is_resolved",
    "due_date",
    "updated_at",
)


@dataclass(frozen=True, slots=True)
class Lookup:
    """Every row that a portion of a file names, held until the transaction ends."""

    statuses: dict[str, Status]
    priorities: names.Ids
    types: names.Ids
    people: names.Ids
    people_made: int
    tags: names.Ids


NOTHING = Lookup(statuses={}, priorities={}, types={}, people={}, people_made=0, tags={})


def find_names(source: str, records: Sequence[TicketRecord], *, held: Lookup = NOTHING) -> Lookup:
    """Find or make all that the records name, but for what this transaction holds already."""
    people, made = names.learn_people(source, _people(records) - held.people.keys())
    statuses = {r.status for r in records if r.status is not None} - held.statuses.keys()
    priorities = {r.priority for r in records if r.priority is not None} - held.priorities.keys()
    types = {r.type for r in records if r.type is not None} - held.types.keys()
    tags = {tag for r in records if r.tags for tag in r.tags} - held.tags.keys()
    return Lookup(
        statuses=held.statuses | names.learn_statuses(statuses),
        priorities=held.priorities | names.learn(Priority, priorities),
        types=held.types | names.learn(TicketType, types),
        people=held.people | people,
        people_made=made,
        tags=held.tags | names.learn(Tag, tags),
    )


def values(record: TicketRecord, lookup: Lookup, now: datetime) -> tuple[Any, ...]:
    """Give the values of `COLUMNS`; without a creation time it is the time of loading."""
    status = None if record.status is None else lookup.statuses[record.status]
    is_open, is_resolved = _state(record, status)
    return (
        record.created_at or now,
        record.subject,
        record.description,
        status and status.pk,
        names.id_of(lookup.priorities, record.priority),
        names.id_of(lookup.types, record.type),
        names.id_of(lookup.people, record.assigned_to),
        names.id_of(lookup.people, record.created_by),
        is_open,
        is_resolved,
        record.due_date,
        record.updated_at,
    )


def _state(record: TicketRecord, status: Status | None) -> tuple[bool, bool]:
    """Keep the state as given; what is missing follows from the status, or counts as open."""
    is_open, is_resolved = record.is_open, record.is_resolved
    if is_resolved is None:
        is_resolved = status.is_resolved if status else is_open is False
    if is_open is None:
        is_open = status.is_open if status else not is_resolved
    return is_open, is_resolved


def _people(records: Sequence[TicketRecord]) -> set[str]:
    found = {r.assigned_to for r in records} | {r.created_by for r in records}
    found.update(said.author for r in records for said in r.comments)
    return {name for name in found if name is not None}
