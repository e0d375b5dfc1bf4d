"""One instant of the database, whatever the database is."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from django.db import connections
from django.utils.module_loading import import_string

from waybill import errors
from waybill.protocols import Begun, Source
from waybill.values import Plan

__all__ = ["READERS", "snapshot"]

type Reader = Callable[[Plan, Begun], AbstractContextManager[Source]]

# A database's vendor to what opens its snapshot: by name, since the driver of another database
# need not be installed.
READERS = {
    "postgresql": "waybill.read.copy.copied",
    "sqlite": "waybill.read.sqlite.opened",
    "mysql": "waybill.read.mysql.opened",
}
# What opens it sooner where nobody but the export uses this thread's connection meanwhile.
BORROWING = {"postgresql": "waybill.read.copy.borrowed"}


@contextmanager
def snapshot(
    plan: Plan, *, begun: Begun = lambda stop: None, alone: bool = False
) -> Iterator[Source]:
    """Open a snapshot of the plan's database: its rows, counted, at one instant.

    `begun` is given what ends the locking and the counting, before they begin. `alone` promises
    that this thread asks the database for nothing else in the block.

    Raises `DatabaseUnsupported`, or `SourceGone` where the database does not answer.
    """
    try:
        readers = READERS | (BORROWING if alone else {})
        reader: Reader = import_string(readers[connections[plan.database].vendor])
    except KeyError:
        raise errors.DatabaseUnsupported(plan.database) from None
    with reader(plan, begun) as source:
        yield source
