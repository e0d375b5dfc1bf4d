"""Models and declarations that Django allows and few projects have."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
from django.db import connections
from django.db.models import (
    BooleanField,
    Case,
    Count,
    DateField,
    Exists,
    F,
    FilteredRelation,
    IntegerField,
    OuterRef,
    Q,
    Value,
    When,
)
from django.db.models.functions import Now, TruncDate
from django.utils import timezone

from tests.plugins.declared import exported
from tests.sample.models import Coin, CoinNote, Label, Note, Parcel, Shelf, Tally
from waybill import Column, Export, errors, exports, register, registry
from waybill.read.snapshot import snapshot
from waybill.values import ExportRequest, Options


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


LATE = Case(
    When(Q(moment__lt=Now()) & ~Q(moment__gt=Now()), then=Value("late")), default=Value("ok")
)
EXISTS = Exists(Note.objects.filter(parcel=OuterRef("pk"), created__lt=Now()))


def test_now_is_the_instant_of_the_snapshot_wherever_it_stands(database, declare):
    columns = [
        Column("late", expression=LATE, sort=LATE),
        Column("noted", expression=EXISTS),
        Column("near", annotated=BooleanField()),
    ]

    def rows(self, user, at):
        near = Case(
            When(moment__lt=Now(), then=Value(True)), default=False, output_field=BooleanField()
        )
        kept = Parcel.objects.annotate(near=near).filter(Q(moment__lt=Now()) | Q(moment=None))
        return kept.exclude(notes__created__gt=Now())

    name = declare(Parcel, columns, rows=rows, ordering=("late",))
    plan = exports.planned(ExportRequest(resource=name), by=None)
    at = datetime(2026, 1, 2, tzinfo=UTC)
    sql, params = plan.select(at).query.sql_with_params()
    assert "STATEMENT_TIMESTAMP" not in sql.upper()
    assert "CURRENT_TIMESTAMP" not in sql.upper()
    assert sum("2026-01-02" in str(one) for one in params) == 6
    Parcel.objects.create(code="a", moment=datetime(2020, 1, 1, tzinfo=UTC))
    assert exported(name)[0].decode().splitlines()[1:] == ["late,false,true"]


# A MariaDB whose tables of time zones are empty knows no days but UTC's.
@pytest.mark.parametrize("database", ["postgresql", "sqlite"], indirect=True)
@pytest.mark.parametrize("around", ["UTC", "Asia/Tokyo"])
def test_a_day_is_one_of_the_requests_zone_and_not_of_the_threads(database, declare, around):
    Parcel.objects.create(code="p", moment=datetime(2026, 1, 1, 20, tzinfo=UTC))
    day = TruncDate("moment", output_field=DateField())

    def rows(self, user, at):
        return Parcel.objects.filter(moment__date="2026-01-02")

    name = declare(Parcel, [Column("day", expression=day)], rows=rows)
    with timezone.override(around):
        text = exported(name, options={"zone": "Asia/Tokyo"})[0].decode()
    assert text.splitlines()[1:] == ["2026-01-02"]


def test_totals_count_rows_beside_a_column_that_counts_related_ones(database, declare):
    shelf = Shelf.objects.create(name="s")
    parcel = Parcel.objects.create(code="p", shelf=shelf)
    Parcel.objects.create(code="q", shelf=shelf)
    Note.objects.bulk_create(Note(parcel=parcel, body="x") for _ in range(3))
    parcel.labels.set([Label.objects.create(word=word) for word in "ab"])
    for given in ({"expression": Count("notes")}, {"annotated": IntegerField()}):
        own = {} if "expression" in given else {"rows": noted}
        columns = [Column("n", **given), Column("shelf", path="shelf__name", counted=True)]
        name = declare(Parcel, columns, **own)
        plan = exports.planned(ExportRequest(resource=name, format="excel"), by=None)
        with snapshot(plan) as source:
            assert source.snapshot.totals == {"shelf": (("s", 2),)}
            assert source.snapshot.count == 2


def noted(self, user, at):
    return Parcel.objects.annotate(n=Count("notes"))


@pytest.mark.parametrize("name", ["fragile", "price", "moment"])
def test_rows_are_counted_by_texts_and_whole_numbers_alone(declare, name):
    with pytest.raises(errors.DeclarationError, match="counted needs"):
        declare(Parcel, [Column(name, counted=True)])


def test_fields_of_many_related_rows_are_not_nested(declare):
    with pytest.raises(errors.DeclarationError, match="a relation to one row"):
        declare(Parcel, [Column("labels", path="labels__word", nested=("word",))])


class Stranger:
    """Somebody without any right."""

    pk, is_active = 1, True

    def has_perm(self, perm, /):
        return False

    def __str__(self):
        return "stranger"


def test_rows_are_not_in_the_order_of_values_that_are_kept_from_the_person(database, declare):
    for code, number in (("a", 3), ("b", 1), ("c", 2)):
        Parcel.objects.create(code=code, number=number)
    columns = [Column("code"), Column("number", requires="x.y"), Column("day", requires="x.z")]
    name = declare(Parcel, columns, ordering=("number", "-code"))
    assert exported(name, by=Stranger())[0].decode().split()[1:] == ["c", "b", "a"]
    assert exported(name)[0].decode().split()[1:] == ["b,1,", "c,2,", "a,3,"]


def test_a_function_is_masked_without_being_called(database, declare):
    Parcel.objects.create(code="a")
    hidden = Column("fn", function=str, uses=("id",), kind="text", requires="x.y", otherwise="mask")
    name = declare(Parcel, [Column("code"), hidden])
    assert exported(name, by=Stranger())[0].decode().splitlines() == ["Code,Fn", "a,•••"]
    with pytest.raises(errors.DeclarationError, match="cannot be hashed"):
        declare(Parcel, [replace(hidden, otherwise="hash")])


@pytest.mark.parametrize(
    ("column", "ordering", "said"),
    [
        (Column("fn", function=str, uses=("id",), kind="text"), ("fn",), "computed after the rows"),
        (Column("code", sort="nope"), (), "has no 'nope'"),
        (Column("code", sort="-id"), (), "has no '-id'"),
        (Column("code", sort="labels__word"), (), "leads to many rows"),
        (Column("code", sort=F("id").asc(nulls_first=True)), (), "not in which direction"),
    ],
)
def test_what_rows_cannot_be_ordered_by_is_told_as_it_is_declared(declare, column, ordering, said):
    with pytest.raises(errors.DeclarationError, match=said):
        declare(Parcel, [column], ordering=ordering)


def test_two_classes_of_one_name_are_told_apart_by_their_modules(declare):
    name = declare(Parcel, [Column("code")])
    known = type(registry.get(name))
    again = type(known.__name__, (known,), {"__module__": known.__module__})
    register(again)
    other = type(known.__name__, (known,), {"__module__": "shop.exports"})
    with pytest.raises(errors.DeclarationError, match=r"shop\.exports\.own_.* is already named"):
        register(other)


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        ("integer", True, "1"), ("decimal", 5, "5"), ("decimal", True, "1"), ("float", 5, "5"),
        ("float", True, "1"), ("float", 10**400, None), ("date", datetime(2026, 1, 1), None),
        ("datetime", datetime(2026, 1, 1), None), ("time", time(1, tzinfo=UTC), None),
        ("date", date(2026, 1, 1), "2026-01-01"), ("text", 5, "5"), ("integer", "5", None),
    ],
)  # fmt: skip
def test_a_function_gives_values_of_its_kind_or_its_row_fails(
    declare, database, kind, value, shown
):
    Parcel.objects.create(code="a")
    column = Column("fn", function=lambda code: value, uses=("code",), kind=kind)
    for fmt in ("csv", "json", "ndjson", "excel"):
        name = declare(Parcel, [column], max_failed=1)
        data, receipt = exported(name, fmt)
        assert receipt["failed_rows"] == (shown is None)
        if fmt == "csv":
            assert data.decode().splitlines()[1:] == ([] if shown is None else [shown])
        if fmt == "json" and shown is not None:
            assert str(json.loads(data)["data"][0]["fn"]) == shown


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
@pytest.mark.parametrize("kind", ["VIEW", "MATERIALIZED VIEW", "TABLE"])
def test_a_model_may_stand_on_a_view_of_any_kind(database, declare, kind):
    """Nobody can lock a materialized view, and none need to: it changes as a whole."""
    Parcel.objects.create(code="=p")
    with connections[database].cursor() as cursor:
        what = 'SELECT id, code::varchar(200) COLLATE "C" AS code, 3 AS notes FROM sample_parcel'
        cursor.execute(f"CREATE {kind} sample_tally AS {what}")
        try:
            name = declare(Tally, [Column("code"), Column("notes")])
            text = exported(name)[0].decode()
            plan = exports.planned(ExportRequest(resource=name), by=None)
            assert 'COLLATE "default"' in str(plan.select(datetime.now(UTC)).query)
        finally:
            cursor.execute(f"DROP {kind} sample_tally")
    assert text.splitlines()[1:] == ["'=p,3"]


def test_options_may_be_given_as_a_mapping():
    asked = exports.wanted("parcels", {"columns": ["code"], "options": {"raw": True}})
    assert asked == ExportRequest(resource="parcels", columns=("code",), options=Options(raw=True))
    for given, said in (({"optons": {}}, "optons"), ({"options": {"raws": True}}, "raws")):
        with pytest.raises(errors.BadOption, match=said):
            exports.wanted("parcels", given)


def test_now_is_the_instant_of_the_snapshot_in_a_filtered_relation(database, declare):
    def rows(self, user, at):
        recent = FilteredRelation("notes", condition=Q(notes__created__lt=Now()))
        return Parcel.objects.annotate(recent=recent).annotate(n=Count("recent"))

    name = declare(Parcel, [Column("n", annotated=IntegerField())], rows=rows)
    plan = exports.planned(ExportRequest(resource=name), by=None)
    sql, params = plan.select(datetime(2026, 1, 2, tzinfo=UTC)).query.sql_with_params()
    assert "TIMESTAMP" not in sql.upper()
    assert "2026" in str(params)
