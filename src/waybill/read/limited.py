"""A limit of time for what is asked while somebody waits for the answer."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connections, transaction

from waybill import errors

__all__ = ["limited"]

CANCELED = "57014"  # query_canceled, PostgreSQL's appendix A


@contextmanager
def limited(alias: str, *, seconds: float) -> Iterator[None]:
    """Let a statement of the block take so long, on PostgreSQL; raises `TimeLimit` beyond."""
    connection = connections[alias]
    if connection.vendor != "postgresql":
        yield
        return
    try:
        with transaction.atomic(using=alias):
            with connection.cursor() as cursor:
                milliseconds = str(max(1, int(seconds * 1000)))
                cursor.execute("SELECT set_config('statement_timeout', %s, true)", [milliseconds])
            yield
    except OperationalError as problem:
        if getattr(problem.__cause__, "sqlstate", "") == CANCELED:
            raise errors.TimeLimit(f"seconds={seconds}") from None
        raise
