"""How many rows each view of the side bar lists, kept for a short while."""

import contextlib
from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.timezone import now

from desk.lists import totals
from desk.lists.listing import Asked, narrowed
from desk.lists.totals import Total
from desk.people.models import User
from desk.views import queries
from desk.views.models import SavedView
from desk.views.subjects import SUBJECTS

__all__ = ["at_hand", "count", "known"]

SECONDS = 30  # five counts up to 100,000 rows cost about 150 ms with a million tickets
COUNTED = 50  # views of one person's side bar
VIEWS = 12  # that a page of a list counts or guesses, 1 ms to guess each


def known(user: User, subject: str) -> dict[int, Total]:
    """Give the totals that were counted a moment ago, by the id of the view."""
    views = {_key(user, view): view.pk for view in _shown(user, subject)}
    return {views[key]: value for key, value in cache.get_many(views).items()}


def at_hand(user: User, subject: str) -> dict[int, Total]:
    """Give what is known, what is counted at once, and guesses, by the id of the view.

    So the side bar has its numbers without JavaScript; with it the guesses are counted afterwards.
    """
    counted = known(user, subject)
    unknown = [view for view in _shown(user, subject) if view.pk not in counted]
    for view in unknown[:VIEWS]:
        with contextlib.suppress(ValidationError):  # it names somebody who is no longer there
            counted[view.pk] = _kept(user, view, totals.at_hand(_rows(user, view)))
    return counted


def count(user: User, subject: str) -> dict[int, Total]:
    """Count the rows of every view that the person can open, by the id of the view."""
    counted = known(user, subject)
    for view in _shown(user, subject):
        if view.pk not in counted:
            with contextlib.suppress(ValidationError):
                counted[view.pk] = _kept(user, view, totals.of(_rows(user, view)))
    return counted


def _shown(user: User, subject: str) -> list[SavedView]:
    """Give the first views of the side bar: anybody may share any number of others."""
    menu = queries.for_menu(user, subject)
    return [view for views in menu.values() for view in views][:COUNTED]


def _kept(user: User, view: SavedView, number: Total) -> Total:
    if not number.uncounted:
        cache.set(_key(user, view), number, SECONDS)
    return number


def _rows(user: User, view: SavedView) -> QuerySet[Any]:
    asked = Asked(filters=view.filters, search=view.search)
    return narrowed(SUBJECTS[view.subject].listing, user, asked, at=now())


def _key(user: User, view: SavedView) -> str:
    return f"view-total-{user.pk}-{view.pk}-{view.updated_at.timestamp()}"
