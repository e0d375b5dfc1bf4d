"""What stages ask of each other, in three methods or fewer."""

from collections.abc import Callable, Generator, Iterator
from typing import Any, Protocol

from waybill.values import Chunk, LargeRow, Plan, Snapshot, SqlRow, Tally

__all__ = ["Begun", "Sink", "Source", "Writer"]

# Hears, before the first long query, what ends the one that runs; to be called from any thread.
type Begun = Callable[[Callable[[], object]], object]


class Writer(Protocol):
    """A file format. `sql` and `row` give the same bytes for the same row."""

    def sql(self, plan: Plan) -> SqlRow:
        """Say how PostgreSQL renders one row."""

    def row(self, plan: Plan, tally: Tally) -> Callable[[tuple[Any, ...]], bytes | LargeRow]:
        """Give the function that renders one tuple of inner values in Python."""

    def frame(
        self,
        plan: Plan,
        snapshot: Snapshot,
        chunks: Iterator[Chunk],
        children: Iterator[tuple[Plan, Iterator[Chunk]]],
    ) -> Iterator[bytes]:
        """Put what a file has before, between and after its rows around them.

        A format that holds one table leaves `children` alone: they get files of their own.
        """


class Source(Protocol):
    """Rows of one snapshot. `stop` may be called from any thread; reading then raises."""

    snapshot: Snapshot
    tally: Tally

    def rows(self, plan: Plan, writer: Writer) -> Generator[Chunk]:
        """Render the rows of the plan, or of one of its children, in their order.

        The query may begin at once: read the rows to their end, or leave the snapshot.
        """

    def count(self, plan: Plan) -> int:
        """Count the rows of the plan, or of one of its children, exactly."""

    def stop(self) -> None:
        """End the query that runs."""


class Sink(Protocol):
    """Something that takes bytes."""

    def write(self, data: bytes, /) -> object:
        """Take all of the bytes."""
