"""Workbooks are read by others: the schemas of ISO/IEC 29500, LibreOffice, naughty strings."""

import csv
import io
import json
import subprocess

import openpyxl
import pytest

from tests.plugins.required import require, shared_data
from tests.plugins.workbooks import cells, decoded, parts, schema_faults
from tests.sample.models import Parcel, Shelf
from waybill import exports
from waybill.values import ExportRequest

pytestmark = pytest.mark.django_db(transaction=True)


def written(texts, columns=("id", "text", "shelf")):
    """Give the workbook of parcels with these texts, one of them too long for a cell."""
    shelf = Shelf.objects.create(name="Top")
    Parcel.objects.bulk_create(
        [Parcel(code="", text=text, shelf=shelf) for text in (*texts, "<&>" * 20_000)]
    )
    out = io.BytesIO()
    request = ExportRequest(resource="parcels", format="excel", columns=columns)
    exports.write(exports.planned(request, by=None), out)
    return out.getvalue()


def naughty():
    """Give the naughty strings that PostgreSQL can store."""
    texts = json.loads(shared_data("vectors/blns.json").read_text())
    payloads = shared_data("vectors/csv-injection.txt").read_text().splitlines()
    return [text.replace("\0", "") for text in (*texts, *payloads)]


def test_every_part_is_valid_by_the_schemas(tmp_path):
    book = tmp_path / "book.xlsx"
    book.write_bytes(written([*naughty(), None, "", "\x01\ufffe", " x "]))
    assert schema_faults(book, shared_data("vectors/ooxml-xsd")) == []
    assert "xl/worksheets/sheet3.xml" in parts(book.read_bytes())


def test_the_validator_of_the_open_xml_sdk_finds_nothing(tmp_path):
    book = tmp_path / "book.xlsx"
    book.write_bytes(written([*naughty(), None, "", "\x01\ufffe", " x "]))
    validator = require(program="ooxml-validator")
    said = subprocess.run([validator, book], check=False, capture_output=True, text=True)
    assert json.loads(said.stdout)["ok"], said.stdout[:2_000]


def test_naughty_strings_read_back_equal():
    texts = naughty()
    data = written(texts, columns=("text",))
    assert [decoded(cell.text) for cell in cells(data, 0)][: len(texts)] == texts
    assert not any(cell.formula for cell in cells(data, 0))
    book = openpyxl.load_workbook(io.BytesIO(data))
    read = [row[0] for row in book.worksheets[0].iter_rows(min_row=2, values_only=True)]
    assert [decoded(text or "") for text in read[: len(texts)]] == texts


def test_libreoffice_opens_it_and_finds_formulas_only_where_the_export_is_explained(tmp_path):
    office = require(program="soffice")
    texts = naughty()
    (tmp_path / "book.xlsx").write_bytes(written(texts))
    flat = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,{},false,false,-1"
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    for folder, formulas in (("values", "false"), ("formulas", "true")):
        subprocess.run(
            [
                office, home, "--headless", "--convert-to",
                flat.replace("{}", formulas), "--outdir", str(tmp_path / folder),
                str(tmp_path / "book.xlsx"),
            ],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
    rows = sheet(tmp_path / "values" / "book-parcels.csv")
    assert rows[0] == ["ID", "Text", "Shelf"]
    assert [one(row[1]) for row in rows[1 : len(texts) + 1]] == [one(text) for text in texts]
    assert sheet(tmp_path / "formulas" / "book-parcels.csv") == rows
    totals = sheet(tmp_path / "values" / "book-About this export.csv")
    assert ["Top", str(len(texts) + 1)] in totals


def sheet(path):
    """Read a sheet that LibreOffice wrote as CSV."""
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))


def one(text):
    """Give a text as LibreOffice shows it: it holds no controls and one kind of line end."""
    return "".join(letter for letter in text.replace("\r\n", "\n") if letter >= " ")
