"""How a page of a list is read: along the index of its order, or by collecting its rows.

A few rows may lie at the far end of the order, where a walk comes last, and the planner cannot
know that; of many rows a page is full after a short walk.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from desk.lists import planner, totals
from desk.lists.keyset import Key, gather, gather_all, walk, walk_testing
from desk.lists.sorts import Order
from desk.lists.totals import Total

__all__ = ["Reading", "follow", "opening"]

FEW = 20_000  # of a million: to collect and sort them takes what a walk of 2,500 rows takes
# So many rows that a search finds are collected, sorted and counted for a first page. More cost 3
# to 7 us each: 34,541 of a million 110 ms of processor time, and the page without them 14 ms.
COUNTED = 5_000
SURELY_MANY = 4 * COUNTED  # by the planner's guess of one common word

type Rows = QuerySet[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A page to read: which rows, in which order, from where.

    `rows` are all of the list, `kept` what the filters keep, and `search` gives what the search
    keeps of any rows; None where nobody searches. A search may test `steps` rows one by one.
    """

    rows: Rows
    kept: Rows
    search: Callable[[Rows], Rows] | None
    steps: int
    order: Order
    after: Key | None
    backwards: bool
    limit: int


def opening(page: Reading) -> tuple[Total, list[Key] | None]:
    """Give the total of a first page; of a search that finds few, the places too."""
    if page.search is None:
        return totals.of(page.rows), None
    many = _many(page, page.search)
    if many is not None:
        return many, None
    found, number = gather_all(page.rows, page.order, limit=page.limit, at_most=totals.LIMIT + 1)
    if number <= totals.LIMIT:
        return Total(number=number), found
    return totals.of(page.rows), None


def _many(page: Reading, search: Callable[[Rows], Rows]) -> Total | None:
    """Guess how many are found, where it is too many to look at each; None where it is not.

    Of two words together, and of pairs of letters, the planner knows nothing. So what is found
    among all rows is counted as far as it matters, and taken to be spread evenly.
    """
    kept = totals.guess(page.kept)
    if kept <= COUNTED:
        return None
    everything = page.kept.model._default_manager.all()
    found = search(everything)
    at_least = totals.guess(found)
    if at_least <= SURELY_MANY:
        at_least = max(at_least, found.order_by()[: COUNTED + 1].count())
    if at_least <= COUNTED:
        return None
    share = min(kept / max(totals.guess(everything), 1), 1)
    return totals.uncounted(max(totals.guess(page.rows), int(at_least * share)))


def follow(page: Reading, total: Total) -> list[Key]:
    """Give the places of the page's rows and of one more, in the order of the way."""
    if page.search is not None:
        return _searched(page, page.search, total.number)
    way = gather if total.exact and total.number <= FEW else walk
    return _by(way, page)


def _searched(page: Reading, search: Callable[[Rows], Rows], found: int) -> list[Key]:
    """Test row after row where a page is likely to be full soon, else collect what was found."""
    likely = page.limit * totals.guess(page.kept) // max(found, 1)
    if 2 * likely <= page.steps:
        with planner.walking():
            places = walk_testing(
                page.kept,
                search,
                page.order,
                after=page.after,
                limit=page.limit,
                steps=page.steps,
                backwards=page.backwards,
            )
        if places is not None:
            return places
    return _by(gather, page)


def _by(way: Callable[..., list[Key]], page: Reading) -> list[Key]:
    return way(page.rows, page.order, after=page.after, limit=page.limit, backwards=page.backwards)
