"""JSON is read by another program than the one whose rules it was written by."""

import io
import json
import subprocess

from tests.plugins.required import require
from tests.sample.models import Note, Parcel
from waybill import exports
from waybill.values import ExportRequest, Options

DEEPEST = {"mariadb": 30}  # MariaDB takes no deeper document
TEXTS = ["\u2028\u2029", "\x7f\x01\x1f", "</script>", "\\", '"', "\U0001f600", "", None]
READ = """
const read = JSON.parse(require('fs').readFileSync(0, 'utf8'));
process.stdout.write(JSON.stringify(read));
"""


def parsed(text):
    """Read a document by the parser of Node.js."""
    node = require(program="node")
    done = subprocess.run(
        [node, "-e", READ], input=text, capture_output=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


def written(fmt, **options):
    """Give the bytes of an export of the parcels."""
    request = ExportRequest(
        resource="parcels", format=fmt, columns=("text", "data"), options=Options(**options)
    )
    out = io.BytesIO()
    exports.write(exports.planned(request, by=None), out)
    return out.getvalue()


def test_another_parser_reads_the_document_and_its_lines(database):
    """FAULTS 62: deep documents, nulls inside and in place of one, every kind of escape."""
    depth = DEEPEST.get(database, 100)
    deep = json.loads("[" * depth + "1" + "]" * depth)
    values = [deep, {"a": None, "é": [1.5, "\u2028"]}, [], 0, False, "x", None, None]
    Parcel.objects.bulk_create(
        Parcel(text=text, data=data) for text, data in zip(TEXTS, values, strict=True)
    )
    rows = [{"text": text, "data": data} for text, data in zip(TEXTS, values, strict=True)]
    document = parsed(written("json"))
    assert document["data"] == rows
    assert document["metadata"]["rows"] == len(rows)
    lines = written("ndjson").split(b"\n")[:-1]
    assert parsed(b"[" + b",".join(lines) + b"]") == rows


def test_child_rows_of_a_database_that_cannot_nest_them_stand_beside_their_rows(database):
    """FAULTS 22: of one instant, with the key of their row, on every database."""
    first = Parcel.objects.create(text="a")
    Note.objects.create(parcel=first, body="=1")
    Note.objects.create(parcel=first, body='say "hi"')
    document = parsed(written("json", children=True))
    nested = document["data"][0].get("notes")
    notes = document["notes"] if nested is None else nested
    assert (nested is None) == (database != "postgresql")
    assert [(note["parcel_id"], note["body"]) for note in notes] == [
        (first.pk, "=1"), (first.pk, 'say "hi"'),
    ]  # fmt: skip
