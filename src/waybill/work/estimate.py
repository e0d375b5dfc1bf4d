"""What an export will be like before it is made: rows, size, time, and the way it comes."""

from collections.abc import Sequence
from dataclasses import dataclass

from waybill.declare.policy import Person
from waybill.jobs import history
from waybill.plan.build import build
from waybill.values import FrozenRequest
from waybill.work import sample as samples
from waybill.work.ask import comes_at_once
from waybill.work.sample import Sample

__all__ = ["PREVIEW", "Estimate", "Forecast", "estimate", "forecast"]

PREVIEW = 10
FIRST_RATE = 150_000  # rows a second until past exports have taught better
START_SECONDS = 0.3  # pick-up by a worker, snapshot and count
SHRUNK = 0.35  # a compressed file beside the plain one, until past exports have taught better
WORKBOOK_BYTES = 8_000  # of an Excel file without rows
CELL_UNITS = 32_767  # UTF-16: what a cell of a spreadsheet holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The bytes and the seconds of an export."""

    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Rows (`exact` up to 100,000), bytes, seconds, and whether it comes at once (`direct`).

    `formulas` and `long_texts` say what some of the rows hold: texts that a spreadsheet would
    take for formulas, and texts longer than one of its cells. `preview` are the first rows as the
    file holds them: the header's cells and each row's; of JSON, the one line that a row is.
    """

    rows: int
    exact: bool
    bytes: int
    seconds: float
    direct: bool
    formulas: bool
    long_texts: bool
    preview: Sequence[Sequence[str]] = ()


def estimate(frozen: FrozenRequest, *, by: Person, preview: bool = False) -> Estimate:
    """Judge by a sample of the rows and by what past exports of the kind took.

    It is for a form that changes all the time: unlike a dry run it counts no further than it
    must, and leaves no line in the log.
    """
    seen = samples.look(build(frozen, by))
    sample = samples.write(frozen, by=by, keys=seen.keys)
    expected = forecast(frozen, rows=seen.rows, sample=sample)
    return Estimate(
        rows=seen.rows,
        exact=seen.exact,
        bytes=expected.bytes,
        seconds=expected.seconds,
        direct=comes_at_once(frozen, seen.rows, by=by),
        formulas=sample.guarded > 0,
        long_texts=sample.longest > CELL_UNITS,
        preview=samples.preview(frozen, by=by, rows=PREVIEW) if preview else (),
    )


def forecast(frozen: FrozenRequest, *, rows: int, sample: Sample) -> Forecast:
    """Say what so many rows will take, from past exports, else from a sample."""
    lesson = history.learned(frozen.request)
    packed = frozen.request.format == "excel" or frozen.request.options.compression
    row_bytes = lesson.bytes_per_row or sample.row_bytes * (SHRUNK if packed else 1)
    fixed = WORKBOOK_BYTES if frozen.request.format == "excel" else 0
    return Forecast(
        bytes=round(fixed + rows * row_bytes),
        seconds=START_SECONDS + rows / (lesson.rows_per_second or FIRST_RATE),
    )
