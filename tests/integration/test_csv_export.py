"""CSV from PostgreSQL, from the request to the file."""

import csv
import hashlib
import io

import pytest

from tests.sample.models import Parcel, Shelf
from waybill import exports
from waybill.values import ExportRequest

pytestmark = pytest.mark.django_db(transaction=True)


def written(request, by=None):
    """Give the bytes and the receipt of an export."""
    out = io.BytesIO()
    return out, exports.write(exports.planned(request, by=by), out)


def test_rows_come_as_csv_with_a_receipt_that_fits_them():
    shelf = Shelf.objects.create(name="Öst")
    Parcel.objects.create(code="=1+1", text="", shelf=shelf, fragile=True)
    Parcel.objects.create(code="two, 2", text=None)
    out, receipt = written(
        ExportRequest(resource="parcels", columns=("id", "code", "text", "shelf", "fragile"))
    )
    assert out.getvalue().startswith(b'\xef\xbb\xbf"ID",Code,Text,Shelf,Fragile\n')
    rows = list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"))))
    assert [row[1:] for row in rows[1:]] == [["'=1+1", "", "Öst", "true"], ["two, 2", "", "", ""]]
    assert receipt["rows"] == 2
    assert receipt["guarded"] == 1
    assert receipt["bytes"] == len(out.getvalue())
    assert receipt["sha256"] == hashlib.sha256(out.getvalue()).hexdigest()
