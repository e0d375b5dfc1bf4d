"""The facts of a receipt (J6); jobs sign it."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

import waybill
from waybill.values import Plan, PlannedColumn, Snapshot, Written

__all__ = ["facts"]

RECEIPT_VERSION = 1


def facts(plan: Plan, snapshot: Snapshot, written: Written) -> dict[str, Any]:
    """Give what a receipt says of a file, in plain JSON types."""
    request = plan.frozen.request
    return {
        "receipt": RECEIPT_VERSION,
        "waybill": waybill.__version__,
        "resource": plan.resource,
        "format": plan.format,
        "rows": written.rows,
        "failed_rows": written.failed,
        "child_rows": dict(written.children),
        "bytes": written.bytes,
        "sha256": written.sha256,
        "blocks": [asdict(block) for block in written.blocks],
        "snapshot": {"at": snapshot.at.isoformat(), "level": snapshot.level},
        "requested_at": plan.frozen.requested_at.isoformat(),
        "requester": plan.requester,
        **_shown(plan.columns),
        "children": {name: _shown(columns) for name, columns in _below(plan)},
        "guarded": written.guarded,
        "filters": list(plan.frozen.words),
        "search": request.search,
        "sort": list(request.sort),
        "view": request.view,
        "options": asdict(request.options),
    }


def _shown(columns: Sequence[PlannedColumn]) -> dict[str, Any]:
    return {
        "columns": [{"key": one.key, "label": one.label} for one in columns],
        "masks": {one.key: one.mask for one in columns if one.mask},
    }


def _below(plan: Plan) -> Iterator[tuple[str, Sequence[PlannedColumn]]]:
    """Name the child rows in the file with their columns, beside the rows or inside them."""
    for child in plan.children:
        yield child.resource, child.columns
    for column in plan.columns:
        if column.below:
            yield column.key, column.below
