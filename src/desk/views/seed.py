"""The default set of views: made after migrating where there is no view at all."""

from typing import Any

from desk.planting import fill
from desk.views.models import SavedView, Subject

__all__ = ["DEFAULTS", "plant"]


def _default(
    place: int, name: str, *, sort: str, subject: Subject = Subject.TICKETS, **filters: Any
) -> SavedView:
    return SavedView(
        subject=subject, name=name, is_shared=True, sort=sort, position=place, filters=filters
    )


DEFAULTS = (
    _default(1, "All open", sort="-updated_at", is_open=True),
    _default(2, "Mine", sort="due_date", is_open=True, assigned_to="@me"),
    _default(3, "Unassigned", sort="-created_at", is_open=True, unassigned=True),
    _default(4, "Overdue", sort="due_date", overdue=True),
    _default(5, "Recently closed", sort="-updated_at", is_open=False, updated_from="last 7 days"),
    _default(6, "All tickets", sort="-created_at"),
    _default(1, "All assets", sort="name", subject=Subject.ASSETS),
)


def plant(*, using: str, **_: Any) -> None:
    """Make the default views; a receiver of `post_migrate`."""
    fill(SavedView, DEFAULTS, using)
