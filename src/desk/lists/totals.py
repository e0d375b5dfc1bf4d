"""How many rows a list has: exact up to a limit, "about" beyond it."""

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

__all__ = ["LIMIT", "Total", "at_hand", "guess", "of", "uncounted"]

LIMIT = 100_000
SURE = 2  # times the limit: a guess so high is not wrong about there being more

# Of the planner's units: all that was cheaper took up to 17 ms, of a million tickets (see at_hand).
CHEAP = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A number of rows, and whether it was counted or is the planner's guess.

    `uncounted` is a guess that counting may turn into an exact number.
    """

    number: int
    exact: bool = True
    uncounted: bool = False


def of(rows: QuerySet[Any]) -> Total:
    """Count up to the limit, and no further: beyond it the planner's statistics must do."""
    guessed = guess(rows)
    if guessed > LIMIT * SURE:
        return Total(number=guessed, exact=False)
    counted = rows.order_by()[: LIMIT + 1].count()
    if counted <= LIMIT:
        return Total(number=counted)
    return Total(number=max(guessed, counted), exact=False)


def uncounted(guessed: int) -> Total:
    """Give a guess in place of a count that would take longer than the page itself."""
    return Total(number=_rounded(guessed), exact=False, uncounted=guessed <= LIMIT * SURE)


def at_hand(rows: QuerySet[Any]) -> Total:
    """Count what the planner finds cheap to count; of the rest give its guess."""
    plan = _plan(rows)
    if plan["Total Cost"] > CHEAP:
        return uncounted(plan["Plan Rows"])
    counted = rows.order_by()[: LIMIT + 1].count()
    known = counted <= LIMIT
    return Total(number=counted, exact=known, uncounted=not known)


def guess(rows: QuerySet[Any]) -> int:
    """Give the planner's estimate, in three digits: more of them would promise too much."""
    return _rounded(_plan(rows)["Plan Rows"])


def _plan(rows: QuerySet[Any]) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads(rows.order_by().values("pk").explain(format="json"))[0]
    return dict(plan["Plan"])


def _rounded(number: int) -> int:
    return round(number, -max(len(str(number)) - 3, 0))
