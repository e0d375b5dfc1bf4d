"""The two halves of a writer over the same rows: rendered by PostgreSQL, and by Python."""

from waybill.read.snapshot import snapshot
from waybill.values import LargeRow, Tally
from waybill.write.encode import writer_for

__all__ = ["by_python", "by_sql"]


def by_sql(plan):
    """Give the row bytes that COPY makes, with its tally and the instant it shows."""
    with snapshot(plan) as source:
        data = b"".join(chunk.data for chunk in source.rows(plan, writer_for(plan.format)))
        return data, source.tally, source.snapshot.at


def by_python(plan, at):
    """Give the row bytes that the Python half makes of the same inner rows."""
    tally = Tally()
    render = writer_for(plan.format).row(plan, tally)
    return b"".join(whole(render(values)) for values in plan.select(at)), tally


def whole(row):
    """Give the bytes of a row, also of one that comes in pieces."""
    return b"".join(row.pieces) if isinstance(row, LargeRow) else row
