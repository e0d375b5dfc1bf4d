"""The default set of views: made after migrating where no view is left of it."""

from typing import Any

from desk.views.models import SavedView, Subject

__all__ = ["DEFAULTS", "plant"]

DEFAULTS = (
    SavedView(name="All open", sort="-updated_at", filters={"is_open": True}),
    SavedView(name="Mine", sort="due_date", filters={"is_open": True, "assigned_to": "@me"}),
    SavedView(name="Unassigned", sort="-created_at", filters={"is_open": True, "unassigned": True}),
    SavedView(name="Overdue", sort="due_date", filters={"is_open": True, "due_to": "overdue"}),
    SavedView(
        name="Recently closed",
        sort="-updated_at",
        filters={"is_open": False, "updated_from": "last 7 days"},
    ),
)
ASSETS = (SavedView(subject=Subject.ASSETS, name="All assets", sort="name"),)


def plant(**_: Any) -> None:
    """Make the default views; a receiver of `post_migrate`."""
    if SavedView.objects.filter(owner=None).exists():
        return
    tickets = [_default(view, Subject.TICKETS, place) for place, view in enumerate(DEFAULTS)]
    assets = [_default(view, Subject.ASSETS, place) for place, view in enumerate(ASSETS)]
    SavedView.objects.bulk_create([*tickets, *assets])


def _default(view: SavedView, subject: Subject, place: int) -> SavedView:
    return SavedView(
        subject=subject,
        name=view.name,
        is_shared=True,
        filters=view.filters,
        sort=view.sort,
        position=place,
    )
