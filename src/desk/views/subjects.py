"""What can be listed, by the name that views and addresses use."""

from dataclasses import dataclass
from typing import Any

from desk.assets import lists as assets
from desk.lists.listing import Listing
from desk.tickets import lists as tickets
from desk.views.models import Subject

__all__ = ["SUBJECTS", "ListedSubject"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSubject:
    """A list with the columns that it can show."""

    listing: Listing[Any]
    columns: tuple[str, ...]
    default_columns: tuple[str, ...]


SUBJECTS: dict[str, ListedSubject] = {
    Subject.TICKETS: ListedSubject(
        listing=tickets.TICKETS,
        columns=tickets.COLUMNS,
        default_columns=tickets.DEFAULT_COLUMNS,
    ),
    Subject.ASSETS: ListedSubject(
        listing=assets.ASSETS,
        columns=assets.COLUMNS,
        default_columns=assets.DEFAULT_COLUMNS,
    ),
}
