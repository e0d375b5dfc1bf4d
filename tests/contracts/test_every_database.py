"""The same rows from every database, once each, in its own order (G23, FAULTS 30, 35 to 37)."""

import csv
import hashlib
import io
import json
import uuid
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.db import connections

from tests.sample.models import Label, Parcel, Remark, Seat, Shelf, Stamp, Wagon
from waybill import errors, exports
from waybill.values import ExportRequest, Options


def exported(**asked):
    """Give the rows of a raw CSV export, without the header, and its receipt."""
    options = Options(**{"raw": True} | asked.pop("options", {}))
    out = io.BytesIO()
    request = ExportRequest(**{"resource": "parcels", "options": options} | asked)
    receipt = exports.write(exports.planned(request, by=None), out)
    assert receipt["bytes"] == len(out.getvalue())
    assert receipt["sha256"] == hashlib.sha256(out.getvalue()).hexdigest()
    lines = list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"))))
    assert receipt["rows"] == len(lines) - 1
    return lines[1:], receipt


@pytest.fixture
def full(database):
    """Make one row with a value in every column."""
    shelf = Shelf.objects.create(name="Öst", position=2)
    parcel = Parcel.objects.create(
        code="=1+1", text="", size="l", shelf=shelf, number=2**63 - 1,
        price=Decimal("-1234567890.1230"), weight=0.1, fragile=True, day=date(1, 1, 1),
        clock=time(23, 59, 59, 120000), moment=datetime(2026, 3, 29, 1, 0, 0, 5, tzinfo=UTC),
        span=timedelta(days=1, microseconds=5), token=uuid.UUID(int=7),
        data={"b": [1, 2.5, None], "a": "日本"}, address="10.0.0.1",
    )  # fmt: skip
    parcel.labels.set([Label.objects.create(word=word) for word in ("b", "a")])
    Remark.objects.create(about=parcel, text="said")
    return parcel


def test_every_type_reads_back_as_it_was_stored(full):
    """FAULTS 63."""
    columns = (
        "code", "text", "size", "shelf", "shelf_id", "labels", "remarks", "number", "price",
        "weight", "fragile", "day", "clock", "moment", "span", "token", "address", "letters",
    )  # fmt: skip
    [row], _ = exported(columns=columns)
    assert row == [
        "=1+1", "", "l", "Öst", str(full.shelf_id), "a, b", "said", str(2**63 - 1),
        "-1234567890.1230", "0.1", "true", "0001-01-01", "23:59:59.12",
        "2026-03-29T01:00:00.000005Z", "24:00:00.000005", str(uuid.UUID(int=7)), "10.0.0.1", "4",
    ]  # fmt: skip


def test_json_comes_as_json(full):
    [[data]], _ = exported(columns=("data",))
    assert json.loads(data) == full.data


def test_withheld_columns_are_masked_and_hashed_everywhere_alike(full):
    class Stranger:
        pk, is_active = 1, True

        def has_perm(self, perm, /):
            return False

    out = io.BytesIO()
    request = ExportRequest(
        resource="parcels", columns=("veiled", "digest"), options=Options(raw=True)
    )
    exports.write(exports.planned(request, by=Stranger()), out)
    [_, [veiled, digest]] = csv.reader(io.StringIO(out.getvalue().decode()))
    assert veiled == "•••"
    assert len(digest) == 32
    assert int(digest, 16) >= 0


@pytest.mark.parametrize("count", [0, 1, 49_999, 50_000, 50_001])
def test_the_count_is_exact_around_a_block(database, count):
    """FAULTS 36."""
    Shelf.objects.bulk_create([Shelf(name=f"s{n}") for n in range(count)], batch_size=10_000)
    lines, receipt = exported(resource="shelves", columns=("name",))
    assert len(lines) == receipt["rows"] == count
    assert [block["rows"] for block in receipt["blocks"]] == [
        min(50_000, count - start) for start in range(0, count, 50_000)
    ]


@pytest.mark.parametrize("sort", [("number",), ("-number",), ("size", "-number"), ("-text", "day")])
def test_rows_come_once_each_and_as_the_database_sorts_them(database, sort):
    """FAULTS 35."""
    Parcel.objects.bulk_create(
        Parcel(
            code=str(n), number=None if n % 7 == 0 else n % 5, size="sl"[n % 2],
            text=[None, "", "a", "A", "ä", "z", "日"][n % 7],
            day=None if n % 3 else date(2026, 1, 1),
        )
        for n in range(700)
    )  # fmt: skip
    lines, _ = exported(columns=("id",), sort=sort)
    tie = "-pk" if sort[-1].startswith("-") else "pk"
    expected = Parcel.objects.order_by(*sort, tie).values_list("pk", flat=True)
    assert [int(line[0]) for line in lines] == list(expected)
    assert len(lines) == 700


def test_a_function_computes_a_column_in_the_same_snapshot(database):
    Shelf.objects.bulk_create(Shelf(name=name) for name in ("a", "ß", "=1"))
    lines, receipt = exported(resource="shelves", options={"raw": False})
    assert lines == [["a", "A"], ["ß", "SS"], ["'=1", "'=1"]]
    assert receipt["guarded"] == 2


def test_a_function_that_raises_fails_the_export_and_names_the_column(database):
    """FAULTS 64."""
    Shelf.objects.create(name="")
    with pytest.raises(errors.RowFailed) as raised:
        exported(resource="picky")
    assert raised.value.column == "first"
    assert "string index" not in str(raised.value)


def test_rows_whose_function_raises_are_left_out_and_counted_where_that_is_allowed(database):
    Shelf.objects.bulk_create(Shelf(name=name) for name in ("a", "", "b"))
    lines, receipt = exported(resource="patient")
    assert lines == [["a"], ["b"]]
    assert (receipt["rows"], receipt["failed_rows"]) == (2, 1)
    Shelf.objects.bulk_create([Shelf(name="")])
    with pytest.raises(errors.RowFailed):
        exported(resource="patient")


def test_the_number_of_queries_does_not_grow_with_the_rows(database, queries):
    def run(count):
        Shelf.objects.bulk_create(Shelf(name=f"s{n}") for n in range(count))
        Parcel.objects.bulk_create(
            Parcel(code=str(n), shelf=shelf) for n, shelf in enumerate(Shelf.objects.all())
        )
        before = len(queries)
        exported(columns=("id", "shelf", "labels", "remarks"))
        exported(resource="shelves")
        return len(queries) - before

    assert run(1) == run(300)


@pytest.mark.parametrize("fmt", ["csv", "ndjson"])
def test_a_second_export_of_the_same_rows_is_the_same_file(full, fmt):
    """FAULTS 68, G23: seven hundred rows, most of which the sort does not tell apart."""
    several = [Parcel(code=f"{n % 7}", text="x" * n, data={"n": n}) for n in range(700)]
    Parcel.objects.bulk_create(several)
    columns = ("id", "code", "text", "price", "weight", "moment", "data", "labels")
    asked = ExportRequest(resource="parcels", format=fmt, columns=columns, sort=("-code",))
    first, second = (exports.write(exports.planned(asked, by=None), io.BytesIO()) for _ in "ab")
    assert first["sha256"] == second["sha256"]
    assert first["rows"] == 701


def test_stopping_ends_the_read_with_an_error(database):
    Shelf.objects.bulk_create(Shelf(name="x" * 90) for n in range(20_000))
    from waybill.read.snapshot import snapshot
    from waybill.write.encode import writer_for

    plan = exports.planned(ExportRequest(resource="shelves", columns=("name",)), by=None)

    def read():
        with snapshot(plan) as source:
            for _ in source.rows(plan, writer_for("csv")):
                source.stop()

    with pytest.raises(errors.RunStopped):
        read()


def test_reading_happens_on_a_connection_of_its_own_inside_a_transaction_of_the_caller(database):
    from django.db import transaction

    Shelf.objects.create(name="kept")
    with transaction.atomic(using=database):
        Shelf.objects.create(name="not yet committed")
        lines, _ = exported(resource="shelves", columns=("name",))
    assert lines == [["kept"]]
    assert not connections[database].needs_rollback


def test_keys_of_every_kind_come_exactly_and_in_order(database):
    """FAULTS 37."""
    keys = [uuid.UUID(int=n << 120 | 5) for n in (3, 1, 2)]
    numbers = [-(2**63), -1, 2**53 + 1]
    Stamp.objects.bulk_create(Stamp(pk=key) for key in keys)
    Seat.objects.bulk_create(Seat(row=n, number=-n) for n in range(3))
    Wagon.objects.bulk_create(Wagon(pk=n) for n in numbers)
    stamps, _ = exported(resource="stamps", columns=("id",))
    seats, _ = exported(resource="seats", columns=("row", "number"))
    wagons, _ = exported(resource="wagons", columns=("id",), sort=("-id",))
    assert stamps == [[str(key)] for key in sorted(keys)]
    assert seats == [["0", "0"], ["1", "-1"], ["2", "-2"]]
    assert wagons == [[str(n)] for n in reversed(numbers)]


@pytest.mark.parametrize("fmt", ["csv", "json"])
def test_ten_thousand_members_of_a_relation_are_all_there(database, fmt):
    """FAULTS 64."""
    words = [f"word {n:05}" for n in range(10_000)]
    labels = Label.objects.bulk_create([Label(word=word) for word in words], batch_size=1_000)
    parcel = Parcel.objects.create(code="full")
    through = Parcel.labels.through
    through.objects.bulk_create(
        [through(parcel=parcel, label=label) for label in labels], batch_size=1_000
    )
    if fmt == "csv":
        [[shown]], _ = exported(columns=("labels",))
        assert sorted(shown.split(", ")) == words
        return
    out = io.BytesIO()
    request = ExportRequest(resource="parcels", format="json", columns=("labels",))
    exports.write(exports.planned(request, by=None), out)
    [row] = json.loads(out.getvalue())["data"]
    assert sorted(row["labels"]) == words
