"""CSV files are read by LibreOffice, which runs what looks like a formula (G21, FAULTS 52)."""

import json
import subprocess

import pytest
from lxml import etree

from tests.contracts.test_formula_guard import TOUCHED, UNTOUCHED
from tests.plugins.required import require, shared_data
from tests.sample.models import Parcel
from waybill import exports
from waybill.values import ExportRequest, Options

pytestmark = pytest.mark.django_db(transaction=True)

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
# Commas, quotes, UTF-8, from the first line; special numbers are seen, formulas evaluated
# (LibreOffice, Filter Options for CSV Files, tokens 1 to 4, 8 and 13).
AS_CSV = "CSV:44,34,76,1,,0,false,true,false,false,false,0,true"


def opened(folder, *, guard):
    """Write all parcels, open the file in LibreOffice, and give the cells of its texts."""
    office = require(program="soffice")
    folder.mkdir()
    file = folder / "parcels.csv"
    request = ExportRequest(
        resource="parcels",
        columns=("id", "text"),
        labels={"text": "=1+1"},
        options=Options(guard=guard),
    )
    with file.open("wb") as out:
        exports.write(exports.planned(request, by=None), out)
    home = f"-env:UserInstallation=file://{folder}/home"
    words = [office, home, "--headless", f"--infilter={AS_CSV}", "--convert-to", "fods"]
    subprocess.run([*words, "--outdir", folder, file], check=True, capture_output=True, timeout=250)
    rows = etree.parse(folder / "parcels.fods").iterfind(f".//{TABLE}table-row")
    found = [[cell for cell in row if cell.tag == f"{TABLE}table-cell"] for row in rows]
    return [row[1] for row in found if len(row) > 1]


def formulas(cells):
    return sum(f"{TABLE}formula" in cell.attrib for cell in cells)


def test_libreoffice_runs_no_cell_of_a_csv_file_and_reads_numbers_as_numbers(tmp_path):
    naughty = json.loads(shared_data("vectors/blns.json").read_text())
    attacks = shared_data("vectors/csv-injection.txt").read_text().splitlines()
    texts = [text.replace("\0", "") for text in (*TOUCHED, *UNTOUCHED, *naughty, *attacks)]
    Parcel.objects.bulk_create(Parcel(text=text) for text in [*texts, "-5", "-5"])

    cells = opened(tmp_path / "guarded", guard=True)

    assert formulas(cells) == 0
    assert [cell.get(f"{OFFICE}value") for cell in cells[-2:]] == ["-5", "-5"]
    # The same rows without the guard: LibreOffice was asked to run what it can.
    assert formulas(opened(tmp_path / "bare", guard=False)) > len(attacks) // 2
