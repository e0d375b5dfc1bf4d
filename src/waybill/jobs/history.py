"""What earlier exports teach of the next: bytes a row, rows a second."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from waybill.jobs import database
from waybill.models import ExportJob
from waybill.states import Delivery, Status
from waybill.values import ExportRequest

__all__ = ["Lesson", "learned"]

LOOKED_AT = 50  # the newest exports of the resource and format
ENOUGH = 10  # of the same columns: a mean that one odd export does not bend
SIZED_ROWS = 1_000  # below this, the head of a file weighs more than its rows
TIMED_ROWS = 10_000  # below this, opening a snapshot takes longer than reading it


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Means over earlier exports; None where there is nothing to learn from."""

    bytes_per_row: float | None
    rows_per_second: float | None


@dataclass(frozen=True, slots=True)
class _Past:
    """What an earlier export was, and what it took; `seconds` None where that tells nothing."""

    rows: int
    bytes: int
    seconds: float | None


def learned(request: ExportRequest) -> Lesson:
    """Learn from the newest completed exports of the same resource, format, columns and options.

    Small ones teach nothing of large ones; a file sent at once took as long as its reader.
    """
    past = [*_alike(request)][:ENOUGH]
    timed = [(one.rows, one.seconds) for one in past if one.seconds and one.rows >= TIMED_ROWS]
    rows = sum(one.rows for one in past)
    return Lesson(
        bytes_per_row=sum(one.bytes for one in past) / rows if rows else None,
        rows_per_second=sum(rows for rows, _ in timed) / sum(seconds for _, seconds in timed)
        if timed
        else None,
    )


def _alike(request: ExportRequest) -> Iterator[_Past]:
    jobs = ExportJob.objects.using(database.alias()).filter(
        resource=request.resource, format=request.format, status=Status.COMPLETED
    )
    found = jobs.filter(exported_items__gte=SIZED_ROWS, file__isnull=False)
    rows = found.order_by("-completed_at").values_list(
        "frozen__request", "exported_items", "file__bytes", "delivery", "started_at", "completed_at"
    )
    wanted = _shape(request.to_json())
    for asked, items, size, delivery, start, end in rows[:LOOKED_AT]:
        if _shape(asked) == wanted:
            yield _Past(
                items, size, _seconds(start, end) if delivery == Delivery.BACKGROUND else None
            )


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start and end else None


def _shape(asked: Mapping[str, Any]) -> tuple[object, ...]:
    """Give what of a request decides how large and how slow a row is."""
    options = asked["options"]
    columns = list(asked["columns"] or ())
    return (columns, *(options[name] for name in ("compression", "children", "raw")))
