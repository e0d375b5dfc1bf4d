"""Every format from every database holds the same values (G22)."""

import csv
import gzip
import io
import json
from datetime import UTC, date, datetime

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from tests.sample.models import Parcel, Shelf
from waybill import exports
from waybill.values import ExportRequest, Options

COLUMNS = ("code", "text", "shelf", "number", "fragile", "day", "moment")
TEXTS = [
    "", "=1+1", "'", "a,b", 'a"b', "a\nb", "a\rb", "日本語", "\U0001f600", " x ", "_x0041_", "-5",
]  # fmt: skip


@pytest.fixture
def parcels(database):
    """Make a row for each hostile text, and one with nothing."""
    shelf = Shelf.objects.create(name="=Öst")
    Parcel.objects.bulk_create(
        Parcel(
            code=text, text=text, shelf=shelf, number=place, fragile=place % 2 == 0,
            day=date(2026, 1, 2), moment=datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        )
        for place, text in enumerate(TEXTS)
    )  # fmt: skip
    Parcel.objects.create(code="last")
    return database


def written(fmt, **options):
    """Give the bytes of an export and its receipt."""
    request = ExportRequest(
        resource="parcels", format=fmt, columns=COLUMNS, options=Options(**options)
    )
    out = io.BytesIO()
    receipt = exports.write(exports.planned(request, by=None), out)
    assert receipt["rows"] == len(TEXTS) + 1
    return out.getvalue()


def test_csv_for_people(parcels):
    text = written("csv", zone="Europe/Berlin").decode("utf-8-sig")
    lines = list(csv.reader(io.StringIO(text, newline="")))
    unguarded = [line[1].removeprefix("'") if n != 2 else "'" for n, line in enumerate(lines[1:-1])]
    assert unguarded == TEXTS
    assert lines[3][1] == "''"
    assert lines[1][2:] == ["'=Öst", "0", "true", "2026-01-02", "2026-03-29 03:30:00"]
    assert lines[-1] == ["last", "", "", "", "", "", ""]


@pytest.mark.parametrize("fmt", ["json", "ndjson"])
def test_json_and_its_lines(parcels, fmt):
    data = written(fmt, raw=True)
    rows = json.loads(data)["data"] if fmt == "json" else list(map(json.loads, data.splitlines()))
    assert [row["text"] for row in rows] == [*TEXTS, None]
    assert rows[0]["shelf"] == {"id": rows[0]["shelf"]["id"], "name": "=Öst"}
    assert rows[0]["fragile"] is True
    assert (rows[3]["number"], rows[-1]["number"], rows[-1]["shelf"]) == (3, None, None)
    assert datetime.fromisoformat(rows[0]["moment"]) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_excel(parcels):
    book = openpyxl.load_workbook(io.BytesIO(written("excel", zone="Europe/Berlin")))
    rows = list(book.worksheets[0].iter_rows(min_row=2))
    assert [unescape(row[1].value or "") for row in rows[:-1]] == TEXTS
    assert {cell.data_type for row in rows for cell in row} <= {"s", "n", "b", "d", "inlineStr"}
    assert [cell.value for cell in rows[0][2:]] == [
        "=Öst", 0, True, datetime(2026, 1, 2), datetime(2026, 3, 29, 3, 30),
    ]  # fmt: skip
    assert [cell.value for cell in rows[-1]] == ["last", *[None] * 6]


@pytest.mark.parametrize("fmt", ["csv", "ndjson"])
def test_compressed_variants(parcels, fmt):
    assert gzip.decompress(written(fmt, compression="gzip")) == written(fmt)
