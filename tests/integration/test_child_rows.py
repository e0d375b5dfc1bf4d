"""Child rows: inside their rows in JSON, on a sheet of their own in Excel."""

import io
import json
import zipfile
from datetime import UTC, datetime

import openpyxl
import pytest

from tests.plugins.halves import by_python, by_sql
from tests.sample.exports import NoteExport, ParcelExport
from tests.sample.models import Note, Parcel
from waybill import Column, errors, exports
from waybill.jobs import queries
from waybill.models import ExportFile, ExportJob
from waybill.store import names
from waybill.values import ExportRequest, Options

pytestmark = pytest.mark.django_db(transaction=True)

AT = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def parcels():
    """Make a parcel with two notes and one without."""
    first, second = Parcel.objects.create(code="a"), Parcel.objects.create(code="b")
    Note.objects.create(parcel=first, body='=say "hi"\n', created=AT)
    Note.objects.create(parcel=first, body="", created=AT.replace(hour=11))
    return first, second


def written(fmt):
    """Give the bytes of an export with its child rows."""
    request = ExportRequest(
        resource="parcels", format=fmt, columns=("code",), options=Options(children=True)
    )
    out = io.BytesIO()
    exports.write(exports.planned(request, by=None), out)
    return out.getvalue()


@pytest.mark.parametrize("fmt", ["json", "csv", "excel"])
def test_what_python_computes_of_a_note_is_computed_in_every_format(fmt, monkeypatch):
    loud = Column("loud", function=str.upper, uses=("body",), kind="text")
    monkeypatch.setattr(NoteExport, "columns", [*NoteExport.columns, loud])
    data = written(fmt)
    if fmt != "json":
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            data = b"".join(map(packed.read, packed.namelist()))
    assert b"SAY " in data


@pytest.mark.parametrize("fmt", ["json", "csv", "excel"])
def test_a_note_that_python_fails_at_is_left_out_and_counted(fmt, monkeypatch):
    picky = Column("first", function=lambda body: body[0], uses=("body",), kind="text")
    monkeypatch.setattr(NoteExport, "columns", [*NoteExport.columns, picky])
    request = ExportRequest(
        resource="parcels", format=fmt, columns=("code",), options=Options(children=True)
    )
    with pytest.raises(errors.RowFailed):
        exports.write(exports.planned(request, by=None), io.BytesIO())
    monkeypatch.setattr(NoteExport, "max_failed", 1)
    receipt = exports.write(exports.planned(request, by=None), io.BytesIO())
    assert (receipt["rows"], receipt["failed_rows"], receipt["child_rows"]) == (2, 1, {"notes": 1})


def test_guarded_cells_are_counted_where_python_renders_the_rows_and_sql_their_notes(monkeypatch):
    loud = Column("loud", function=str.upper, uses=("code",), kind="text")
    monkeypatch.setattr(ParcelExport, "columns", [*ParcelExport.columns, loud])
    Parcel.objects.create(code="=1+1")
    request = ExportRequest(
        resource="parcels", format="csv", columns=("code", "loud"), options=Options(children=True)
    )
    receipt = exports.write(exports.planned(request, by=None), io.BytesIO())
    assert receipt["guarded"] == 3  # the code, as it is and loud, and a note


@pytest.mark.parametrize("fmt", ["json", "ndjson"])
def test_notes_stand_in_order_inside_their_parcel(fmt, parcels):
    data = written(fmt).decode()
    rows = json.loads(data)["data"] if fmt == "json" else [*map(json.loads, data.splitlines())]
    pk = parcels[0].pk
    assert rows == [
        {
            "code": "a",
            "notes": [
                {"parcel_id": pk, "body": "", "created": "2026-07-01T11:00:00+00:00"},
                {"parcel_id": pk, "body": '=say "hi"\n', "created": "2026-07-01T12:00:00+00:00"},
            ],
        },
        {"code": "b", "notes": []},
    ]


TIMES = [
    datetime(2026, 1, 1, 12, 0, 0, 120_000, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # in Berlin the first of two equal hours
    datetime(2026, 10, 25, 1, 30, 0, 5, tzinfo=UTC),  # and the second
    datetime(1890, 1, 1, tzinfo=UTC),  # before zones: Berlin is 53 minutes and 28 seconds ahead
    datetime(1, 1, 1, 0, 0, 1, tzinfo=UTC),
    datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
]


@pytest.mark.parametrize("raw", [False, True])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"])
def test_the_times_of_notes_read_like_those_of_parcels(zone, raw):
    Parcel.objects.all().delete()
    for at in TIMES:
        Note.objects.create(parcel=Parcel.objects.create(moment=at), body="", created=at)
    options = Options(children=True, zone=zone, raw=raw)
    asked = ExportRequest(
        resource="parcels", format="ndjson", columns=("moment",), options=options, sort=("id",)
    )
    plan = exports.planned(asked, by=None)
    rendered, _, at = by_sql(plan)
    assert rendered == by_python(plan, at)[0]
    rows = [json.loads(line) for line in rendered.splitlines()]
    assert [row["notes"][0]["created"] for row in rows] == [row["moment"] for row in rows]


def test_notes_stand_on_a_sheet_of_their_own(parcels):
    book = openpyxl.load_workbook(io.BytesIO(written("excel")))
    assert book.sheetnames == ["parcels", "About this export", "notes"]
    found = list(book["notes"].iter_rows(min_row=2, values_only=True))
    assert found == [
        (parcels[0].pk, "", datetime(2026, 7, 1, 11)),
        (parcels[0].pk, '=say "hi"\n', datetime(2026, 7, 1, 12)),
    ]


def test_csv_that_must_be_one_file_is_a_zip_of_both(parcels):
    with zipfile.ZipFile(io.BytesIO(written("csv"))) as packed:
        assert packed.testzip() is None
        assert packed.namelist() == ["parcels.csv", "parcels-notes.csv"]
        notes = packed.read("parcels-notes.csv").decode("utf-8-sig")
    pk = parcels[0].pk
    assert notes.splitlines()[1:] == [
        f'{pk},"",2026-07-01 11:00:00',
        f'{pk},"\'=say ""hi""',
        '",2026-07-01 12:00:00',
    ]
    request = ExportRequest(resource="parcels", options=Options(children=True))
    plan = exports.planned(request, by=None)
    assert names.download_name(plan, AT) == "parcels_2026-07-01.zip"
    assert names.content_type(plan) == "application/zip"


class SecretNotes(NoteExport):
    """Notes whose text is not for everybody."""

    columns = [
        Column("parcel_id"),
        Column("body", requires="sample.see_secret", otherwise="mask"),
        Column("created"),
    ]


class Somebody:
    """A person who may see secrets, or not."""

    pk, is_active, is_authenticated = 7, True, True

    def __init__(self, *rights):
        self.rights = rights

    def has_perm(self, right):
        return right in self.rights


def kept(receipt):
    """Give an export of parcels with that receipt, as it stands in the history."""
    return ExportJob(resource="parcels", requester_id=7, file=ExportFile(receipt=receipt))


@pytest.mark.parametrize("fmt", ["json", "ndjson", "excel", "csv"])
def test_child_rows_with_a_column_of_a_right_are_fetched_by_those_who_have_it(fmt, monkeypatch):
    monkeypatch.setattr(ParcelExport, "children", [SecretNotes])
    knowing, other = Somebody("sample.see_secret"), Somebody()
    asked = ExportRequest(
        resource="parcels", format=fmt, columns=("code",), options=Options(children=True)
    )

    def fetched(by, receipt):
        return queries.may_download(kept(receipt), by=by)

    def written_by(person):
        return exports.write(exports.planned(asked, by=person), io.BytesIO())

    clear = written_by(knowing)
    assert clear["children"]["notes"]["masks"] == {}
    assert (fetched(knowing, clear), fetched(other, clear)) == (True, False)
    hidden = written_by(other)
    assert hidden["children"]["notes"]["masks"] == {"body": "mask"}
    assert (fetched(knowing, hidden), fetched(other, hidden)) == (True, True)
    del hidden["children"]  # as in the receipts of earlier versions, which do not say
    assert (fetched(knowing, hidden), fetched(other, hidden)) == (True, False)
