"""What changes saved views: owners change theirs, administrators the default set and shared ones.

Raises `PermissionDenied` for everybody else, and `ValidationError` for what no list would accept.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.timezone import now
from django.utils.translation import gettext_lazy as _

from desk.lists import sorts
from desk.lists.listing import Asked, chips
from desk.people.models import User
from desk.views.exports import headings
from desk.views.models import SavedView
from desk.views.subjects import SUBJECTS

__all__ = ["LONGEST_LABEL", "change", "create", "delete", "may_change"]

LONGEST_LABEL = 100
FIELDS = ("name", "filters", "search", "sort", "columns", "labels", "is_shared")


def may_change(view: SavedView, user: User) -> bool:
    """Say whether a person may rename, share, change or delete a view."""
    if view.owner_id == user.pk:
        return True
    return user.is_staff and (view.owner_id is None or view.is_shared)


def create(subject: str, values: Mapping[str, Any], *, by: User) -> SavedView:
    """Keep a list as a view of one's own."""
    view = SavedView(subject=subject, owner=by)
    return _save(view, values, by=by)


@transaction.atomic
def change(view: SavedView, values: Mapping[str, Any], *, by: User) -> SavedView:
    """Rename, share or change a view."""
    if not may_change(view, by):
        raise PermissionDenied
    view = SavedView.objects.select_for_update().get(pk=view.pk)
    return _save(view, values, by=by)


def delete(view: SavedView, *, by: User) -> None:
    """Delete a view; the rows it listed stay."""
    if not may_change(view, by):
        raise PermissionDenied
    view.delete()


def _save(view: SavedView, values: Mapping[str, Any], *, by: User) -> SavedView:
    for name, value in values.items():
        if name not in FIELDS:
            raise TypeError(f"{name!r} is not one of {', '.join(FIELDS)}")
        setattr(view, name, value)
    view.name = view.name.strip()
    _check(view, by)
    view.full_clean(exclude=["updated_at"])
    view.updated_at = Now()
    view.save()
    return view


def _check(view: SavedView, by: User) -> None:
    """Refuse what the list itself would refuse."""
    subject = SUBJECTS[view.subject]
    asked = Asked(filters=view.filters, search=view.search, sort=view.sort)
    chips(subject.listing, by, asked, at=now())
    if view.sort:
        sorts.ordered(subject.listing.sorts, view.sort)
    _only(view.columns, subject.columns, field="columns")
    _only(view.labels, headings(view), field="labels")
    if any(len(label) > LONGEST_LABEL for label in view.labels.values()):
        said = _("A heading can have %d characters.") % LONGEST_LABEL
        raise ValidationError({"labels": said})


def _only(keys: Iterable[str], known: Collection[str], *, field: str) -> None:
    for key in keys:
        if key not in known:
            said = _("“%(name)s” is not a column. Accepted: %(accepted)s.")
            raise ValidationError({field: said % {"name": key, "accepted": ", ".join(known)}})
