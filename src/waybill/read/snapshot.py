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


@contextmanager
def snapshot(plan: Plan, *, begun: Begun = lambda stop: None) -> Iterator[Source]:
    """Open a snapshot of the plan's database: its rows, counted, at one instant.

    `begun` is given what ends the locking and the counting, before they begin.

    Raises `DatabaseUnsupported`, or `SourceGone` where the database does not answer.
    """
    try:
        reader: Reader = import_string(READERS[connections[plan.database].vendor])
    except KeyError:
        raise errors.DatabaseUnsupported(plan.database) from None
    with reader(plan, begun) as source:
        yield source
