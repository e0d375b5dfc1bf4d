"""Values that no ordinary field has, and what becomes of them in a file."""

import csv
import io
import json
from decimal import Decimal
from uuid import UUID

import pytest
from django.db import connections
from django.db.models import (
    F,
)
from django.db.models.functions import Floor, Round

from tests.plugins.declared import exported
from tests.plugins.workbooks import cells
from tests.sample.models import Note, Parcel, Tape
from waybill import Column, errors


@pytest.mark.parametrize("fmt", ["csv", "ndjson"])
def test_a_field_that_python_reads_in_its_own_way_is_exported_as_python_reads_it(
    database, declare, fmt
):
    reel = Tape.objects.create(amount=Decimal("12.34"), secret="hello")
    Tape.objects.create(amount=Decimal("0.5"), secret="abc", reel=reel)
    columns = [
        Column("amount"),
        Column("secret"),
        Column("of", path="reel__secret", nested=("secret",)),
    ]
    text = exported(declare(Tape, columns), fmt)[0].decode()
    if fmt == "csv":
        assert text.splitlines()[1:] == ["12.34,hello,", "0.50,abc,hello"]
    else:
        rows = [json.loads(line, parse_float=Decimal) for line in text.splitlines()]
        assert [(row["amount"], row["secret"], row["of"]) for row in rows] == [
            (Decimal("12.34"), "hello", None),
            (Decimal("0.50"), "abc", {"secret": "hello"}),
        ]


def test_what_the_database_cannot_do_with_such_a_field_is_refused(declare):
    for column in (Column("all", path="strips__secret"), Column("secret", counted=True)):
        with pytest.raises(errors.DeclarationError):
            declare(Tape, [column])


def test_choices_that_differ_in_capitals_alone_keep_their_labels(database, declare):
    reel = Tape.objects.create(speed="M")
    Tape.objects.create(speed="m", reel=reel)
    name = declare(
        Tape, [Column("speed"), Column("all", path="strips__speed")], ordering=("speed",)
    )
    assert sorted(exported(name)[0].decode().splitlines()[1:]) == ["Minute,Month", "Month,"]
    raw = exported(name, options={"raw": True})[0].decode().splitlines()[1:]
    assert sorted(raw) == ["M,m", "m,"]
    data = exported(name, "ndjson")[0].splitlines()
    assert sorted(json.loads(line)["all"] for line in data) == [[], ["Month"]]


@pytest.mark.parametrize("name", ["moment", "token", "flag", "price", "span", "data", "address"])
def test_of_many_rows_only_texts_and_whole_numbers_are_joined(declare, name):
    with pytest.raises(errors.DeclarationError, match="joins texts and whole numbers only"):
        declare(Tape, [Column("all", path=f"strips__{name}")])


def test_whole_numbers_of_many_rows_are_joined(database, declare):
    reel = Tape.objects.create()
    inside = [Tape.objects.create(reel=reel).pk for _ in range(2)]
    name = declare(Tape, [Column("all", path="strips__id", joined="+")])
    assert exported(name)[0].decode().split("\n")[1:3] == ["+".join(map(str, inside)), ""]


OWNER = {"owner": "ada", "n": 5, "list": [1, "x"], "yes": True, "none": None, "odd": 'a"b\nc'}


def test_what_stands_under_a_key_of_a_document_is_json(database, declare):
    Parcel.objects.create(code="a", data=OWNER)
    Parcel.objects.create(code="b", data={})
    name = declare(Parcel, [Column(key, expression=F(f"data__{key}")) for key in OWNER])
    first, second = map(json.loads, exported(name, "ndjson")[0].splitlines())
    assert first == OWNER
    assert second == dict.fromkeys(OWNER)
    lines = list(csv.reader(io.StringIO(exported(name, options={"raw": True})[0].decode())))
    assert [json.loads(cell) if cell else None for cell in lines[1]] == list(OWNER.values())


def test_a_document_stands_inside_a_nested_relation(database, declare):
    parcel = Parcel.objects.create(code="a", data={"b": [1]})
    Note.objects.create(parcel=parcel, body="x")
    of = Column("of", path="parcel__code", nested=("code", "data"))
    for fmt in ("json", "ndjson"):
        data = exported(declare(Note, [of]), fmt)[0]
        (row,) = json.loads(data)["data"] if fmt == "json" else map(json.loads, data.splitlines())
        assert row == {"of": {"code": "a", "data": {"b": [1]}}}


@pytest.mark.parametrize("fmt", ["csv", "ndjson", "excel"])
def test_a_text_in_a_column_of_numbers_ends_an_export_of_sqlite(sqlite_rows, declare, fmt):
    """Else it would stand there without quotes and without the guard."""
    Parcel.objects.create(code="a")
    with connections["sqlite"].cursor() as cursor:
        cursor.execute("UPDATE sample_parcel SET number = '=1+1,' || char(10) || '\"x'")
    with pytest.raises(TypeError):
        exported(declare(Parcel, [Column("code"), Column("number")]), fmt)


@pytest.mark.parametrize("fmt", ["csv", "json", "ndjson", "excel"])
def test_any_value_can_be_declared_a_text(database, declare, fmt):
    Parcel.objects.create(code="p", number=5, token=UUID(int=7))
    columns = [Column("number", kind="text"), Column("token", kind="text")]
    data, _ = exported(declare(Parcel, columns), fmt)
    if fmt == "csv":
        assert data.decode().splitlines()[1:] == [f"5,{UUID(int=7)}"]
    if "json" in fmt:
        row = json.loads(data) if fmt == "ndjson" else json.loads(data)["data"][0]
        assert row == {"number": "5", "token": str(UUID(int=7))}
    if fmt == "excel":
        assert [cell.text for cell in cells(data, 0)] == ["5", str(UUID(int=7))]


def test_labels_are_found_by_what_the_field_stores(database, declare):
    Tape.objects.create(mark="b", rank="2")
    name = declare(Tape, [Column("mark"), Column("rank")])
    assert exported(name)[0].decode().splitlines()[1:] == ["Second,Two"]


def test_a_document_that_python_makes_needs_a_function(database, declare):
    reel = Tape.objects.create(sealed={"pin": 42})
    Tape.objects.create(reel=reel)
    for column in (
        Column("sealed"),
        Column("of", path="reel__secret", nested=("id", "sealed")),
        Column("key", expression=F("sealed")),
    ):
        with pytest.raises(errors.DeclarationError, match="needs a function"):
            declare(Tape, [column])
    opened = Column("sealed", function=lambda one: one, uses=("sealed",), kind="json")
    lines = exported(declare(Tape, [opened]), "ndjson")[0].splitlines()
    assert json.loads(lines[0]) == {"sealed": {"pin": 42}}


@pytest.mark.parametrize("fmt", ["csv", "ndjson"])
def test_what_a_database_gives_for_a_whole_number_is_written(database, declare, fmt):
    Parcel.objects.create(code="a", price=Decimal("4.4"), weight=4.5, number=4)
    columns = [
        Column("price", expression=Round("price"), kind="integer"),
        Column("weight", expression=Floor("weight"), kind="integer"),
        Column("number"),
    ]
    text = exported(declare(Parcel, columns), fmt)[0].decode()
    row = json.loads(text).values() if fmt == "ndjson" else text.splitlines()[1].split(",")
    assert [float(one) for one in row] == [4, 4, 4]
