"""Texts too large to be held twice are rendered in pieces, and nobody can tell from the file."""

import io
import json

import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from tests.plugins.halves import by_python, by_sql
from tests.plugins.workbooks import parts
from tests.sample.models import Label, Parcel, Shelf
from waybill import exports
from waybill.read import batches
from waybill.values import ExportRequest, Options
from waybill.write import large
from waybill.write.encode import WRITERS

pytestmark = pytest.mark.django_db(transaction=True)

COLUMNS = ("id", "code", "shelf", "text", "labels", "data", "number")
SHARP = 'ab"\\,<>&_x0041_\n\r\t\u2028\U0001f600\x01\x7fé日=\\u003c\\"'
LONG = SHARP * 1_300  # about 44,000 characters
TEXTS = [
    LONG, f"={LONG}", f"'{LONG}", f"\ufeff={LONG}", "\u200b" * 40_000 + "=", " " * 40_000,
    "x" * 40_000, "\\" * 40_001, "\U0001f600" * 40_000, "1" * 40_000, "short", "=short", None,
]  # fmt: skip


@pytest.fixture
def parcels():
    """Make a row for each text, with neighbours that need care, one just too long for a cell."""
    label = Label.objects.create(word="=l")
    shelves = [Shelf.objects.create(name=name) for name in ("=s", "plain")]
    for place, text in enumerate(TEXTS):
        parcel = Parcel.objects.create(
            code="=guarded", text=text, shelf=shelves[place % 2], data={"deep": [LONG, text]}
        )
        parcel.labels.add(label)


@pytest.fixture
def in_pieces(monkeypatch):
    """Have rows rendered and passed on in pieces far smaller than usual."""

    def cut():
        monkeypatch.setattr(large, "LARGE_TEXT", 33_000)  # beyond what a cell of Excel holds
        monkeypatch.setattr(large, "SEGMENT", 997)
        monkeypatch.setattr(batches, "CHUNK_BYTES", 61)

    return cut


def planned(fmt, **options):
    """Plan an export of the parcels."""
    options = Options(zone="UTC", **options)
    request = ExportRequest(resource="parcels", format=fmt, columns=COLUMNS, options=options)
    return exports.planned(request, by=None)


@pytest.mark.parametrize("options", [{}, {"raw": True}, {"delimiter": "\t"}], ids=str)
@pytest.mark.parametrize("fmt", sorted(WRITERS))
def test_rows_in_pieces_are_the_same_bytes_from_both_halves(parcels, in_pieces, fmt, options):
    plan = planned(fmt, **options)
    usual, counted, at = by_sql(plan)
    assert by_python(plan, at)[0] == usual
    in_pieces()
    for again, tally in (by_python(plan, at), by_sql(plan)[:2]):
        assert again == usual
        assert tally.guarded == counted.guarded


def written(fmt):
    """Give the bytes of an export, and its receipt."""
    out = io.BytesIO()
    return out, exports.write(planned(fmt), out)


@pytest.mark.parametrize("fmt", ["csv", "json", "ndjson"])
def test_a_file_in_pieces_is_the_same_file(parcels, in_pieces, fmt):
    usual, receipt = written(fmt)
    in_pieces()
    again, told = written(fmt)
    if fmt == "json":
        assert json.loads(again.getvalue())["data"] == json.loads(usual.getvalue())["data"]
    else:
        assert again.getvalue() == usual.getvalue()
    assert (told["rows"], told["blocks"]) == (receipt["rows"], receipt["blocks"])


def test_a_workbook_in_pieces_holds_the_same_sheets(parcels, in_pieces):
    usual = parts(written("excel")[0].getvalue())
    in_pieces()
    out, _ = written("excel")
    again = parts(out.getvalue())
    sheets = [name for name in usual if "sheet" in name and "sheet2" not in name]
    assert len(sheets) > 1
    # Only widths differ: they are those of the texts in the first chunk.
    assert [rows_of(again[name]) for name in sheets] == [rows_of(usual[name]) for name in sheets]
    book = openpyxl.load_workbook(out)
    cells = [cell for (cell,) in values(book["parcels"], 4)]
    shown = {row: cell and unescape(cell) for row, cell in enumerate(cells, 2)}
    for sheet, row, label, _part, text in values(book["Long texts"], 1, 5):
        if label == "Text":
            assert sheet == "parcels"
            shown[row] += unescape(text)
    assert list(shown.values()) == TEXTS


def rows_of(part):
    """Give what a sheet holds between its frame."""
    return part.partition(b"<sheetData>")[2]


def values(sheet, first, last=None):
    """Give the values of some columns below the header."""
    return sheet.iter_rows(min_row=2, min_col=first, max_col=last or first, values_only=True)
