"""What earlier exports teach of the next: bytes a row, rows a second."""

from dataclasses import dataclass
from typing import Any

from waybill.jobs import database
from waybill.models import ExportJob
from waybill.states import Status
from waybill.values import ExportRequest

__all__ = ["Lesson", "learned"]

LOOKED_AT = 50  # the newest exports of the resource and format
ENOUGH = 10  # of the same columns: a mean that one odd export does not bend


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Means over earlier exports; None where there is nothing to learn from."""

    bytes_per_row: float | None
    rows_per_second: float | None


def learned(request: ExportRequest) -> Lesson:
    """Learn from the newest completed exports of the same resource, format and columns."""
    jobs = ExportJob.objects.using(database.alias()).filter(
        resource=request.resource, format=request.format, status=Status.COMPLETED
    )
    found = jobs.filter(exported_items__gt=0, file__isnull=False).order_by("-completed_at")
    rows = found.values_list(
        "frozen__request__columns",
        "frozen__request__options__compression",
        "exported_items",
        "file__bytes",
        "started_at",
        "completed_at",
    )[:LOOKED_AT]
    asked = [list(request.columns or ()), request.options.compression]
    return _mean([row[2:] for row in rows if [row[0], row[1]] == asked][:ENOUGH])


def _mean(facts: list[tuple[Any, ...]]) -> Lesson:
    rows = sum(fact[0] for fact in facts)
    if not rows:
        return Lesson(bytes_per_row=None, rows_per_second=None)
    seconds = sum((end - start).total_seconds() for _, _, start, end in facts if start and end)
    return Lesson(
        bytes_per_row=sum(fact[1] for fact in facts) / rows,
        rows_per_second=rows / seconds if seconds else None,
    )
