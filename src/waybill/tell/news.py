"""What a notice tells, as a value: nothing in it is looked up while it is written."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

__all__ = ["FORMATS", "Addressee", "News"]

FORMATS = {"csv": "CSV", "excel": "Excel", "json": "JSON", "ndjson": "NDJSON"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Whom it is for: a mail address, a language code, a time zone's name; empty is the site's."""

    name: str
    address: str
    language: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """One event of one export. `bytes` is the size of its file, `page` and `history` are addresses.

    `fetch` says whether the person may fetch the file, or somebody else has to.
    `identity` is the same however often the notice is sent; `title` and `reason` may be
    lazy texts, said in the language of the person.
    """

    kind: str
    identity: UUID
    to: Addressee
    title: Any
    format: str
    view: str = ""
    reason: Any = ""
    fetch: bool = True
    rows: int = 0
    failed: int = 0
    bytes: int = 0
    took: timedelta | None = None
    until: datetime | None = None
    page: str = ""
    history: str = ""

    @property
    def total(self) -> int:
        """Count the rows that the export had to do with."""
        return self.rows + self.failed

    @property
    def format_name(self) -> str:
        """Name the format."""
        return FORMATS.get(self.format, self.format)
