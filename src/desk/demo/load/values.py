"""What a line of a file says, checked and ready to be stored."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

__all__ = ["AssetRecord", "BadLine", "CommentRecord", "Notes", "TicketRecord"]


LINES_SHOWN = 5


class BadLine(Exception):
    """A line that cannot be loaded; the text names the field and what would be accepted."""


@dataclass(slots=True)
class Notes:
    """What was changed on the way in: how often, and on which lines first."""

    line: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    lines: dict[str, list[int]] = field(default_factory=dict)

    def add(self, what: str, count: int = 1, *, line: int | None = None) -> None:
        """Count one more, or `count` more, of the same; unless told, on the line being read."""
        if not count:
            return
        self.counts[what] = self.counts.get(what, 0) + count
        lines = self.lines.setdefault(what, [])
        line = self.line if line is None else line
        if len(lines) < LINES_SHOWN and line not in lines:
            lines.append(line)


# Named tuples, for there are many: one is made in a third of the time of a frozen dataclass.
class CommentRecord(NamedTuple):
    """One comment; the time is None where the line has none."""

    author: str | None
    body: str | None
    created_at: datetime | None
    is_internal: bool


class TicketRecord(NamedTuple):
    """One ticket by names, not ids; `is_open` and the like are None where the line has none."""

    line: int
    external_id: str
    ticket_code: str
    subject: str
    description: str | None
    status: str | None
    priority: str | None
    type: str | None
    assigned_to: str | None
    created_by: str | None
    is_open: bool | None
    is_resolved: bool | None
    created_at: datetime | None
    due_date: datetime | None
    updated_at: datetime | None
    tags: tuple[str, ...]
    comments: tuple[CommentRecord, ...]


class AssetRecord(NamedTuple):
    """One asset by names; without an id of its own its tag stands for it."""

    line: int
    external_id: str | None
    asset_tag: str
    name: str
    serial_number: str | None
    status: str | None
    location: str | None
    assigned_to: str | None
    manufacturer: str | None
    asset_type: str | None
    purchase_date: date | None
    warranty_expiry_date: date | None
    created_at: datetime | None
    updated_at: datetime | None
