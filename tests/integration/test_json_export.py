"""JSON and NDJSON from PostgreSQL, from the request to the file."""

import gzip
import io
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tests.sample.models import Label, Parcel, Shelf
from waybill import exports
from waybill.values import ExportRequest, Options

pytestmark = pytest.mark.django_db(transaction=True)


def written(columns, fmt="json", **options):
    """Give the bytes of an export of the parcels."""
    request = ExportRequest(
        resource="parcels", format=fmt, columns=columns, options=Options(**options)
    )
    out = io.BytesIO()
    exports.write(exports.planned(request, by=None), out)
    return out.getvalue()


def test_a_document_tells_what_it_is_and_nests_relations():
    shelf = Shelf.objects.create(name='Öst "1"')
    parcel = Parcel.objects.create(code="a\n\x01b", text="", shelf=shelf, fragile=True)
    parcel.labels.set([Label.objects.create(word=word) for word in ("y", "x, z")])
    Parcel.objects.create(code="two", text=None)
    document = json.loads(written(("code", "text", "shelf", "shelf_id", "labels", "fragile")))
    assert document["data"] == [
        {
            "code": "a\n\x01b",
            "text": "",
            "shelf": {"id": shelf.pk, "name": 'Öst "1"'},
            "shelf_id": shelf.pk,
            "labels": ["x, z", "y"],
            "fragile": True,
        },
        {
            "code": "two", "text": None, "shelf": None, "shelf_id": None, "labels": [],
            "fragile": None,
        },
    ]  # fmt: skip
    assert document["metadata"]["rows"] == 2
    assert document["metadata"]["columns"][0] == {"key": "code", "label": "Code"}


def test_no_rows_make_a_document_with_an_empty_list():
    assert json.loads(written(("code",)))["data"] == []
    assert written(("code",), fmt="ndjson") == b""


def test_a_line_is_the_same_object_as_in_the_document():
    Parcel.objects.create(code="\u2028one\r\n", data={"deep": [1, {"x": None}]})
    Parcel.objects.create(code="two")
    columns = ("id", "code", "shelf", "data")
    lines = written(columns, fmt="ndjson").decode().split("\n")
    assert [json.loads(line) for line in lines[:-1]] == json.loads(written(columns))["data"]
    assert lines[-1] == ""


def test_a_compressed_file_holds_the_same_lines():
    Parcel.objects.create(code="one")
    plain = written(("id", "code"), fmt="ndjson")
    pressed = written(("id", "code"), fmt="ndjson", compression="gzip")
    assert gzip.decompress(pressed) == plain


def test_times_carry_their_distance_from_utc_and_nothing_is_lost():
    """FAULTS 61."""
    moment = datetime(2026, 7, 1, 12, 0, 0, 120_000, tzinfo=UTC)
    Parcel.objects.create(code="now", moment=moment)
    (row,) = json.loads(written(("moment",), zone="Asia/Kathmandu"))["data"]
    assert row == {"moment": "2026-07-01T17:45:00.12+05:45"}
    (row,) = json.loads(written(("moment",), raw=True))["data"]
    assert row == {"moment": "2026-07-01T12:00:00.120000Z"}


def test_numbers_keep_every_digit_and_what_is_no_number_is_null():
    """FAULTS 59."""
    Parcel.objects.create(number=2**63 - 1, price=Decimal("12345678901234567890.1234"), weight=0.1)
    Parcel.objects.create(weight=float("nan"))
    Parcel.objects.create(weight=float("-inf"))
    found = json.loads(written(("number", "price", "weight")), parse_float=Decimal)["data"]
    assert found[0]["number"] == 2**63 - 1
    assert found[0]["price"] == Decimal("12345678901234567890.1234")
    assert [row["weight"] for row in found] == [Decimal("0.1"), None, None]


def test_no_python_number_that_json_lacks_is_ever_written():
    Parcel.objects.create(weight=float("inf"), data={"a": 1e308})
    json.loads(written(("weight", "data")), parse_constant=pytest.fail)
