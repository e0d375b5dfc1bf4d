"""Child rows in files of every format, over every database."""

import io
import json
import zipfile
from datetime import UTC, datetime

import openpyxl
import pytest

from tests.sample.models import Note, Parcel
from waybill import exports
from waybill.store.verify import verify
from waybill.values import ExportRequest, Options

AT = datetime(2026, 7, 1, 12, 0, 0, 120_000, tzinfo=UTC)


@pytest.fixture
def parcels(database):
    """Make two parcels, the first with two notes."""
    first, second = Parcel.objects.create(code="a"), Parcel.objects.create(code="b")
    for hour in (12, 11):
        Note.objects.create(parcel=first, body=f"=at {hour}", created=AT.replace(hour=hour))
    return first, second


def written(fmt, **more):
    """Give an export with its child rows, in a zone, and its receipt."""
    options = Options(children=True, zone="Asia/Kathmandu", **more)
    request = ExportRequest(resource="parcels", format=fmt, columns=("code",), options=options)
    out = io.BytesIO()
    receipt = exports.write(exports.planned(request, by=None), out)
    return out.getvalue(), receipt


def explained(data):
    """Give what stands beside each label on the sheet that explains."""
    page = openpyxl.load_workbook(io.BytesIO(data), data_only=True)["About this export"]
    return {label: value for label, value in page.iter_rows(max_col=2, values_only=True) if label}


def test_a_workbook_has_the_child_rows_and_says_how_many(parcels):
    data, receipt = written("excel")
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["parcels", "About this export", "notes"]
    pk = parcels[0].pk
    assert list(book["notes"].iter_rows(min_row=2, values_only=True)) == [
        (pk, "=at 11", datetime(2026, 7, 1, 16, 45)),
        (pk, "=at 12", datetime(2026, 7, 1, 17, 45)),
    ]
    assert (receipt["rows"], receipt["child_rows"]) == (2, {"notes": 2})
    told = explained(data)
    assert (told["Rows"], told["Rows of notes"]) == (2, 2)
    cells = [cell.value for row in book["About this export"] for cell in row]
    assert "=ROWS('notes'!$A$2:$A$3)" in cells


def test_a_workbook_without_child_rows_counts_none(parcels):
    Note.objects.all().delete()
    data, receipt = written("excel")
    assert receipt["child_rows"] == {"notes": 0}
    assert explained(data)["Rows of notes"] == 0
    cells = openpyxl.load_workbook(io.BytesIO(data))["About this export"].iter_rows(max_col=2)
    assert ("Rows of notes", "=0") in [(label.value, count.value) for label, count in cells]


def test_times_of_child_rows_are_written_like_those_of_rows(parcels, database):
    document = json.loads(written("json")[0])
    notes = document["data"][0]["notes"] if database == "postgresql" else document["notes"]
    assert [note["created"] for note in notes] == [
        "2026-07-01T16:45:00.12+05:45",
        "2026-07-01T17:45:00.12+05:45",
    ]


PACKED = [("csv", "gzip"), ("ndjson", "gzip")]
FILES = [*((form, "") for form in ("csv", "ndjson", "json", "excel")), *PACKED]


@pytest.mark.parametrize(("fmt", "compression"), FILES, ids="".join)
def test_a_file_with_child_rows_is_verified_as_it_was_made(parcels, tmp_path, fmt, compression):
    path = tmp_path / "file"
    data, receipt = written(fmt, compression=compression)
    path.write_bytes(data)
    whole = f"Complete and unchanged: 2 rows, {len(data):,} bytes."
    assert verify(path, receipt).sentences == (whole,)


def test_a_changed_row_is_placed_in_a_file_of_several_tables(parcels, tmp_path):
    path = tmp_path / "file.zip"
    data, receipt = written("csv")
    with zipfile.ZipFile(io.BytesIO(data)) as made, zipfile.ZipFile(path, "w") as changed:
        for part in made.infolist():
            changed.writestr(part.filename, made.read(part).replace(b"\nb\n", b"\nc\nd\n"))
    told = verify(path, receipt).sentences
    assert "The file holds 3 rows; its receipt says 2." in told
    assert "The first difference lies in the rows 1 to 2." in told


def test_a_locked_file_of_several_tables_is_told(parcels, tmp_path):
    path = tmp_path / "file.zip"
    data, receipt = written("csv")
    locked = bytearray(data)
    locked[data.index(b"PK\x03\x04") + 6] |= 1  # APPNOTE 4.4.4: the entry is encrypted
    path.write_bytes(locked)
    assert "The file cannot be read to its end." in verify(path, receipt).sentences
