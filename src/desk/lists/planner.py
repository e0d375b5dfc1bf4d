"""What PostgreSQL is told while it reads a list, in the transaction of the reading only."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

__all__ = ["reading", "walking"]

# Compiling a query costs more than all of these take, a bitmap of a million rows should stay exact,
# and what lists read lies in memory or on a disk without arms.
READING = {"jit": "off", "work_mem": "64MB", "random_page_cost": "1.1"}
WALKING = (
    "enable_sort",
    "enable_bitmapscan",
    "enable_seqscan",
    "enable_hashjoin",
    "enable_mergejoin",
)


@contextmanager
def reading() -> Iterator[None]:
    """Read a list in one transaction, with memory enough for it."""
    with transaction.atomic():
        _set(READING)
        yield


@contextmanager
def walking() -> Iterator[None]:
    """Follow the index of the order, testing each row, until the page is full.

    For conditions that many rows meet: to collect those first would take the longer way.
    """
    _set(dict.fromkeys(WALKING, "off"))
    try:
        yield
    finally:
        _set(dict.fromkeys(WALKING, "on"))


def _set(values: dict[str, str]) -> None:
    calls = ", ".join(["set_config(%s, %s, true)"] * len(values))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {calls}", [text for pair in values.items() for text in pair])
