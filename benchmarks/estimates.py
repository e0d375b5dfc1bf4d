"""How near the dialog's estimate comes after ten exports: `python -m benchmarks.estimates`.

Ten background exports of parts of the tickets teach it, for each format; it is then asked about
other parts, which are exported as well. A factor of 1.2 means a fifth too much or too little.
"""

import argparse
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks import frame

__all__ = ["factor", "main"]

ROWS = 200_000
FORMATS = ("csv", "excel", "json", "ndjson")
TEACHING = (
    *({"priority_id": number} for number in (1, 2, 3, 4)),
    *({"type_id": number} for number in (1, 2, 3)),
    {"is_open": False},
    {"is_resolved": True},
    {},
)
ASKED = (
    {"priority_id": [2, 3]},
    {"type_id": [1, 2]},
    {"is_resolved": True, "priority_id": 2},
    {"created_from": "2025-01-01"},
    {"created_to": "2025-12-31"},
)


def main() -> None:
    """Teach, ask, export, and print how far the answers were off."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    rows = parser.parse_args().rows
    with frame.demo_database(rows) as url:
        frame.set_up(url)
        shown = [_judged(name) for name in FORMATS]
    print(frame.machine(), end="\n\n")
    head = ("format", "exports", "worst factor of size", "worst factor of time")
    print(frame.table(head, shown))


def _judged(name: str) -> tuple[str, int, float, float]:
    """Give a format's worst factors of bytes and of seconds."""
    for filters in TEACHING:
        _exported(name, filters)
    found = [*_answers(name)]
    sizes, times = zip(*found, strict=True)
    return name, len(found), max(sizes), max(times)


def _answers(name: str) -> Iterator[tuple[float, float]]:
    from waybill.plan.freeze import freeze
    from waybill.values import ExportRequest
    from waybill.work.estimate import estimate

    for filters in ASKED:
        frozen = freeze(ExportRequest(resource="tickets", format=name, filters=filters), None)
        told = estimate(frozen, by=None)
        job = _exported(name, filters)
        seconds = (job.completed_at - job.started_at).total_seconds()
        yield factor(told.bytes, job.file.bytes), factor(told.seconds, seconds)


def factor(told: float, true: float) -> float:
    """Say by how many times a number was too much or too little."""
    return max(told, true) / min(told, true)


def _exported(name: str, filters: Mapping[str, Any]) -> Any:
    """Export as a worker does, and give the job."""
    from waybill import exports
    from waybill.work.run import run

    job = exports.start("tickets", by=None, filters=dict(filters), format=name)
    run(str(job.pk))
    job.refresh_from_db()
    if job.status != "completed":
        raise SystemExit(f"the export of {dict(filters)} as {name} ended as {job.status}")
    return job


if __name__ == "__main__":
    main()
