"""A ZIP file of tables, for formats of one table where only one file can be handed over."""

from collections.abc import Iterator

from waybill.protocols import Writer
from waybill.values import Chunk, Plan, Snapshot
from waybill.write.archive import archived

__all__ = ["bundled"]


def bundled(
    writer: Writer,
    plan: Plan,
    snapshot: Snapshot,
    chunks: Iterator[Chunk],
    children: Iterator[tuple[Plan, Iterator[Chunk]]],
) -> Iterator[bytes]:
    """Pack `tickets.csv` and, beside it, the child rows, `tickets-comments.csv`."""

    def parts() -> Iterator[tuple[str, Iterator[bytes]]]:
        yield f"{plan.resource}.{plan.format}", writer.frame(plan, snapshot, chunks, iter(()))
        for child, rows in children:
            name = f"{plan.resource}-{child.resource}.{plan.format}"
            yield name, writer.frame(child, snapshot, rows, iter(()))

    yield from archived(parts(), unbounded=True)
