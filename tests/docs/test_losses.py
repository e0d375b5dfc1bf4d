"""What the reference of formats says is lost is lost, and what it says is kept is kept."""

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime

import openpyxl
import pytest

from tests.sample.models import Parcel
from waybill import exports
from waybill.values import ExportRequest, Options

# The hour that Berlin has twice, with a fraction of a second.
FIRST = datetime(2026, 10, 25, 0, 30, 0, 125_000, tzinfo=UTC)
SECOND = datetime(2026, 10, 25, 1, 30, 0, 125_000, tzinfo=UTC)


def read(fmt: str, **options: bool | str) -> list[object]:
    """Export two parcels of that hour and give their times as the format has them."""
    asked = ExportRequest(
        resource="parcels",
        format=fmt,
        columns=("moment",),
        sort=("moment",),
        options=Options(zone="Europe/Berlin", **options),
    )
    out = io.BytesIO()
    exports.write(exports.planned(asked, by=None), out)
    return READERS[fmt](out.getvalue())


def of_csv(file: bytes) -> list[object]:
    return [row[0] for row in csv.reader(file.decode("utf-8-sig").splitlines())][1:]


def of_ndjson(file: bytes) -> list[object]:
    return [json.loads(line)["moment"] for line in file.splitlines()]


def of_excel(file: bytes) -> list[object]:
    sheet = openpyxl.load_workbook(io.BytesIO(file)).worksheets[0]
    return [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]


READERS: dict[str, Callable[[bytes], list[object]]] = {
    "csv": of_csv,
    "ndjson": of_ndjson,
    "excel": of_excel,
}


@pytest.fixture
def two() -> None:
    """Two parcels, an hour apart, that a clock on the wall shows at the same time."""
    for created in (FIRST, SECOND):
        Parcel.objects.create(code=str(created), moment=created)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("fmt", ["csv", "excel"])
def test_local_times_lose_their_fraction_and_which_of_two_hours_it_was(fmt: str) -> None:
    first, second = (str(one) for one in read(fmt))

    assert first == second == "2026-10-25 02:30:00"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(
    ("fmt", "raw"), [("ndjson", False), ("ndjson", True), ("csv", True), ("excel", True)]
)
def test_json_and_the_raw_form_keep_both(fmt: str, *, raw: bool) -> None:
    told = [datetime.fromisoformat(str(one)) for one in read(fmt, raw=raw)]

    assert told == [FIRST, SECOND]
