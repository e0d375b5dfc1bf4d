"""Random and naughty rows: both halves give the same bytes, and files read back equal."""

import csv
import gzip
import io
import json

import openpyxl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.plugins.halves import by_python, by_sql
from tests.plugins.required import shared_data
from tests.plugins.workbooks import cells, decoded
from tests.sample.models import Parcel
from waybill import exports
from waybill.values import ExportRequest
from waybill.write.encode import WRITERS
from waybill.write.xlsx import pycells

pytestmark = pytest.mark.django_db(transaction=True)

COLUMNS = ("text", "number", "price", "weight", "fragile", "day", "clock", "moment", "span", "data")
ESCAPES = r"[=+@'\t ]?_x[0-9a-fA-F]{4}_\r?\n? ?"
storable = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
rows = st.fixed_dictionaries(
    {
        "text": st.none() | storable | st.from_regex(ESCAPES, fullmatch=True),
        "number": st.none() | st.integers(-(2**63), 2**63 - 1) | st.integers(-(10**16), 10**16),
        "price": st.none() | st.decimals(-(10**25), 10**25, places=4),
        "weight": st.none() | st.floats(),
        "fragile": st.none() | st.booleans(),
        "day": st.none() | st.dates(),
        "clock": st.none() | st.times(),
        "moment": st.none() | st.datetimes(timezones=st.timezones()),
        "span": st.none() | st.timedeltas(),
        "data": st.none() | st.recursive(storable | st.integers(), st.lists, max_leaves=4),
    }
)  # fmt: skip


def request(fmt, columns=COLUMNS, **more):
    """Ask for parcels."""
    return ExportRequest(resource="parcels", format=fmt, columns=columns, **more)


def written(fmt, columns):
    """Give the bytes of an export."""
    out = io.BytesIO()
    exports.write(exports.planned(request(fmt, columns), by=None), out)
    return out.getvalue()


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a database is too slow to shrink with
)
@given(made=st.lists(rows, min_size=1, max_size=20))
def test_random_rows_come_as_the_same_bytes_from_both_halves(made):
    Parcel.objects.all().delete()
    Parcel.objects.bulk_create([Parcel(code="", **row) for row in made])
    for fmt in sorted(WRITERS):
        plan = exports.planned(request(fmt), by=None)
        rendered, tally, at = by_sql(plan)
        again, counted = by_python(plan, at)
        assert rendered == again
        assert tally.guarded == counted.guarded


def vectors():
    """Give the naughty strings, the injection payloads and whole files of CSV as one text each."""
    texts = json.loads(shared_data("vectors/blns.json").read_text())
    texts += shared_data("vectors/csv-injection.txt").read_text().splitlines()
    for file in sorted(shared_data("vectors/csv-spectrum").glob("csvs/*.csv")):
        texts.append(file.read_bytes().decode())
    return [text.replace("\0", "") for text in texts]


@pytest.mark.parametrize("fmt", sorted(WRITERS))
def test_naughty_strings_come_as_the_same_bytes_and_read_back_equal(fmt):
    texts = vectors()
    Parcel.objects.bulk_create([Parcel(text=text) for text in texts])
    plan = exports.planned(request(fmt, ("text",)), by=None)
    rendered, _, at = by_sql(plan)
    assert rendered == by_python(plan, at)[0]
    assert READ[fmt](written(fmt, ("text",))) == texts


def from_csv(data):
    """Read CSV, dropping the guard's apostrophe."""
    found = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    shown = [row[0] if row else "" for row in found][1:]
    return [text.removeprefix("'") for text in shown]


READ = {
    "csv": from_csv,
    "excel": lambda data: [decoded(cell.text) for cell in cells(data, 0)],
    "json": lambda data: [row["text"] for row in json.loads(data)["data"]],
    "ndjson": lambda data: [json.loads(line)["text"] for line in data.decode().split("\n")[:-1]],
}


@pytest.mark.parametrize("name", ["jira", "hadoop", "udhr"])
def test_real_tickets_come_as_the_same_bytes_and_open(name):
    texts = []
    with gzip.open(shared_data(f"tickets/{name}.jsonl.gz"), "rt", encoding="utf-8") as lines:
        for line, _ in zip(lines, range(1_000), strict=False):
            one = json.loads(line)
            texts += [one["subject"], one["description"]]
    texts = [None if text is None else text.replace("\0", "\ufffd") for text in texts]
    Parcel.objects.bulk_create([Parcel(text=text) for text in texts])
    for fmt in sorted(WRITERS):
        plan = exports.planned(request(fmt, ("id", "text")), by=None)
        rendered, _, at = by_sql(plan)
        assert rendered == by_python(plan, at)[0]
    book = openpyxl.load_workbook(io.BytesIO(written("excel", ("text",))), read_only=True)
    assert len(list(book.worksheets[0].iter_rows(min_row=2))) == len(texts)
    assert READ["json"](written("json", ("text",))) == texts


@given(st.text(max_size=40))
def test_what_excel_is_given_it_reads_back(text):
    """FAULTS 65."""
    shown = pycells.escaped(text)
    assert not any(one < " " and one not in "\t\n" for one in shown)
    plain = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert decoded(plain) == text
