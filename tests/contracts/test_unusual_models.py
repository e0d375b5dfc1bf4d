"""Models and declarations that Django allows and few projects have."""

import csv
import io
import json
import zipfile

import pytest

from tests.plugins.declared import exported
from tests.sample.models import Coin, CoinNote
from waybill import Column, Export


class CoinNoteExport(Export):
    """Notes of coins."""

    name = title = "coin_notes"
    model = CoinNote
    parent = "coin"
    columns = [Column("coin_id"), Column("body")]


@pytest.mark.parametrize("fmt", ["csv", "json", "ndjson", "excel"])
def test_child_rows_point_at_a_column_that_is_not_the_key(database, declare, fmt):
    """The last code is another coin's key."""
    for code in ("c0", "c1", "1"):
        CoinNote.objects.create(coin=Coin.objects.create(code=code), body=f"of {code}")
    name = declare(Coin, [Column("id"), Column("code")], children=[CoinNoteExport])
    data, _ = exported(name, fmt, options={"children": True})
    assert told(data, fmt) == {"c0": ["of c0"], "c1": ["of c1"], "1": ["of 1"]}


def told(data, fmt):
    """Give what each code's notes say."""
    if fmt == "excel":
        import openpyxl

        book = openpyxl.load_workbook(io.BytesIO(data))
        rows = [[cell.value for cell in row] for row in book["coin_notes"].iter_rows(min_row=2)]
    elif zipfile.is_zipfile(io.BytesIO(data)):
        with zipfile.ZipFile(io.BytesIO(data)) as both:
            (name,) = [name for name in both.namelist() if "coin_notes" in name]
            text = both.read(name).decode()
        if fmt == "csv":
            rows = list(csv.reader(io.StringIO(text)))[1:]
        else:
            rows = [list(json.loads(line).values()) for line in text.splitlines()]
    else:
        found = json.loads(data) if fmt == "json" else {"data": map(json.loads, data.splitlines())}
        inside = [note for row in found["data"] for note in row.get("coin_notes", ())]
        rows = [list(note.values()) for note in found.get("coin_notes", inside)]
    said = {}
    for code, body in rows:
        said.setdefault(code, []).append(body)
    return said
