"""How many rows a list has: exact up to a limit, "about" beyond it."""

import json
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

__all__ = ["LIMIT", "Total", "guess", "of"]

LIMIT = 100_000
SURE = 2  # times the limit: a guess so high is not wrong about there being more


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """A number of rows, and whether it was counted or is the planner's guess."""

    number: int
    exact: bool = True


def of(rows: QuerySet[Any]) -> Total:
    """Count up to the limit, and no further: beyond it the planner's statistics must do."""
    guessed = guess(rows)
    if guessed > LIMIT * SURE:
        return Total(number=guessed, exact=False)
    counted = rows.order_by()[: LIMIT + 1].count()
    if counted <= LIMIT:
        return Total(number=counted)
    return Total(number=max(guessed, counted), exact=False)


def guess(rows: QuerySet[Any]) -> int:
    """Give the planner's estimate, in three digits: more of them would promise too much."""
    plan = json.loads(rows.order_by().values("pk").explain(format="json"))
    number = int(plan[0]["Plan"]["Plan Rows"])
    digits = max(len(str(number)) - 3, 0)
    return round(number, -digits)
