"""How long the database works for a page of a list: `python -m benchmarks.lists --rows 1000000`.

Every default view in every declared order, page 1 (with the total) and page 5,000 or the last one
there is, for an administrator and for an agent of a team; then searches, whose number of rows is
counted by a second request where many are found. Milliseconds are the time
of all queries of the page together, the median of three runs.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks import frame

__all__ = ["main"]

ROUNDS = 3
PAGE_NUMBER = 5_000
SEARCHES = (
    "error", "printer", "password", "paper printer", "the printer", "TCK-10500", "請求書", "打印机",
    "เข้าสู่ระบบ", "10482", "zebra",
)  # fmt: skip


def main() -> None:
    """Print the table, or with --json what it holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--here", action="store_true", help="read the database of DATABASE_URL")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    if given.here:
        found = measured("")
    else:
        with frame.demo_database(given.rows) as url:
            found = measured(url)
    if given.json:
        print(json.dumps(found, indent=2))
        return
    print(frame.machine(), end="\n\n")
    head = [
        "who",
        "list",
        "rows",
        "page 1, median ms",
        "at most",
        "page 5,000, median ms",
        "at most",
    ]
    print(frame.table(head, found["views"]), end="\n\n")
    head = ["search", "rows", "page 1 ms", "page 2 ms", "page 1 with the number counted, ms"]
    print(frame.table(head, found["searches"]))


def measured(url: str) -> dict[str, Any]:
    """Give a row for each person and view, and one for each search."""
    frame.set_up(url)
    from desk.people.models import User
    from desk.tickets import search
    from desk.views.models import SavedView

    search.catch_up(3_600)
    administrator = User.objects.filter(is_active=True, is_admin=True).first()
    agent = User.objects.filter(is_active=True, is_admin=False, teams__isnull=False).first()
    views = list(SavedView.objects.filter(owner=None, subject="tickets"))
    people = [("administrator", administrator), ("agent", agent)]
    return {
        "views": [viewed(who, user, view) for who, user in people for view in views],
        "searches": [searched(administrator, text) for text in SEARCHES],
    }


def viewed(who: str, user: Any, view: Any) -> list[Any]:
    """Measure a view in all of its orders."""
    from desk.lists.listing import Asked
    from desk.tickets.lists import SORTS

    first, deep, rows = [], [], ""
    for sort in (way + key for key in SORTS for way in ("", "-")):
        asked = Asked(filters=view.filters, sort=sort)
        page, spent = timed(user, asked)
        rows = f"{'' if page.total.exact else 'about '}{page.total.number:,}"
        first.append(spent)
        deep.append(timed(user, deep_in(user, asked, page))[1])
    return [who, view.name, rows, *spread(first), *spread(deep)]


def searched(user: Any, text: str) -> list[Any]:
    """Measure a search over all tickets, newest first."""
    from dataclasses import replace

    from desk.lists.listing import Asked

    asked = Asked(search=text, sort="-created_at")
    page, first = timed(user, asked)
    second = timed(user, replace(asked, cursor=page.older))[1] if page.older else 0.0
    known, counted = timed(user, replace(asked, counted=True))
    rows = f"{'' if known.total.exact else 'about '}{known.total.number:,}"
    return [text, rows, first, second, counted]


def deep_in(user: Any, asked: Any, page: Any) -> Any:
    """Give the request of page 5,000, whose cursor is found here by OFFSET."""
    from dataclasses import replace

    from django.utils.timezone import now

    from desk.lists import cursor, sorts
    from desk.lists.listing import PAGE, narrowed
    from desk.lists.sorts import by_rank
    from desk.lists.totals import LIMIT
    from desk.tickets.lists import TICKETS

    if not page.older:
        return asked
    order = sorts.ordered(TICKETS.sorts, asked.sort)
    way = "-" if order.descending else ""
    rows = narrowed(TICKETS, user, asked, at=now())
    value = by_rank(order.sort.field) if order.sort.ranked else order.sort.field
    by = value if isinstance(value, str) else "bench_value"
    rows = rows if isinstance(value, str) else rows.annotate(bench_value=value)
    # A guessed total may be too high by some rows: then only what was counted is sure to be there.
    wanted = (PAGE_NUMBER - 1) * PAGE
    sure = page.total.exact or page.total.number > 1.5 * wanted
    place = min(wanted, max((page.total.number if sure else LIMIT) - PAGE, 1)) - 1
    keys = rows.order_by(f"{way}{by}", f"{way}pk").values_list(order.sort.field, "pk")[place:]
    key, pk = keys[0]
    here = cursor.Cursor(
        sort=asked.sort,
        older=True,
        value=key.isoformat() if hasattr(key, "isoformat") else key,
        pk=pk,
        number=place + 2,
        total=page.total.number,
        exact=page.total.exact,
    )
    return replace(asked, cursor=cursor.write(here))


def timed(user: Any, asked: Any) -> tuple[Any, float]:
    """Give a page and the milliseconds its queries took, the median of some runs."""
    from django.db import connection
    from django.utils.timezone import now

    from desk.lists.listing import page
    from desk.tickets.lists import TICKETS

    runs: list[float] = []
    found = None
    for _round in range(ROUNDS):
        spent: list[float] = []
        with connection.execute_wrapper(stopwatch(spent)):
            found = page(TICKETS, user, asked, at=now())
        runs.append(sum(spent) * 1_000)
    return found, statistics.median(runs)


def stopwatch(spent: list[float]) -> Callable[..., Any]:
    """Give a wrapper around queries that notes how long each took, in seconds."""

    def around(execute: Callable[..., Any], *arguments: Any) -> Any:
        began = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            spent.append(time.perf_counter() - began)

    return around


def spread(several: list[float]) -> Iterator[float]:
    """Give the median and the most."""
    return iter((statistics.median(several), max(several)))


if __name__ == "__main__":
    main()
