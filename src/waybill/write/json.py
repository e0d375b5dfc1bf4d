"""JSON: one document with what the export is, and its rows as `data`. NDJSON: a row a line."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from waybill.values import Chunk, LargeRow, Plan, Snapshot, SqlRow, Tally
from waybill.write import jsonrows

__all__ = ["JsonWriter", "NdjsonWriter"]


class NdjsonWriter:
    """Writes one JSON object a line, UTF-8, without a byte order mark."""

    def sql(self, plan: Plan) -> SqlRow:
        """Render the whole line in the database."""
        return jsonrows.row_sql(plan)

    def row(self, plan: Plan, tally: Tally) -> Callable[[tuple[Any, ...]], bytes | LargeRow]:
        """Render the line in Python."""
        return jsonrows.row(plan)

    def frame(
        self,
        plan: Plan,
        snapshot: Snapshot,
        chunks: Iterator[Chunk],
        children: Iterator[tuple[Plan, Iterator[Chunk]]],
    ) -> Iterator[bytes]:
        """Add nothing: a line stands for itself."""
        for chunk in chunks:
            yield chunk.data


class JsonWriter(NdjsonWriter):
    """Writes `{"metadata": {...}, "data": [...]}` with the same lines as rows."""

    def frame(
        self,
        plan: Plan,
        snapshot: Snapshot,
        chunks: Iterator[Chunk],
        children: Iterator[tuple[Plan, Iterator[Chunk]]],
    ) -> Iterator[bytes]:
        """Put the document around the rows, and commas between them.

        Each row ends in a line feed and has no other: inside texts they are escaped. Child rows
        that the database could not put inside their rows stand in lists beside `data`.
        """
        told = json.dumps(_metadata(plan, snapshot), ensure_ascii=False)
        yield f'{{"metadata": {told},\n"data": ['.encode()
        yield from _separated(chunks)
        for child, rows in children:
            yield f"\n],\n{json.dumps(child.resource)}: [".encode()
            yield from _separated(rows)
        yield b"\n]}\n"


def _separated(chunks: Iterator[Chunk]) -> Iterator[bytes]:
    """Put commas between rows; a line feed ends each, and a piece of a large one has none."""
    lead = b"\n"
    for chunk in chunks:
        ends = chunk.data.endswith(b"\n")
        rows = chunk.data[:-1] if ends else chunk.data
        yield lead + rows.replace(b"\n", b",\n")
        lead = b",\n" if ends else b""


def _metadata(plan: Plan, snapshot: Snapshot) -> dict[str, Any]:
    """Say what an export is: who asked for what, and the instant that it shows."""
    request = plan.frozen.request
    return {
        "resource": plan.resource,
        "title": plan.title,
        "requester": plan.requester,
        "requested_at": plan.frozen.requested_at.isoformat(),
        "snapshot": {"at": snapshot.at.isoformat(), "level": snapshot.level},
        "rows": snapshot.count,
        "columns": [{"key": one.key, "label": one.label} for one in plan.columns],
        "masks": {one.key: one.mask for one in plan.columns if one.mask},
        "filters": list(plan.frozen.words),
        "search": request.search,
        "sort": list(request.sort),
        "view": request.view,
        "time_zone": plan.options.zone,
    }
