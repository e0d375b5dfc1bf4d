"""Filters of every sort that django-filter has, with one value and with several (D4, FAULTS 76)."""

import itertools

import django_filters as filters
import pytest
from django.db.models import Count, F, IntegerField
from django.test import override_settings

from tests.plugins.declared import exported
from tests.sample.models import Label, Note, Parcel, Shelf
from waybill import Column, Export, errors
from waybill.declare import filtering
from waybill.plan.freeze import freeze
from waybill.values import ExportRequest


class TenfoldFilter(filters.NumberFilter):
    """A filter with a way of its own."""

    def filter(self, qs, value):
        return qs.filter(number__gte=value * 10)


class OwnFilter(filters.CharFilter):
    """A filter that looks at an annotation of the rows."""

    def filter(self, qs, value):
        return qs.filter(notes__body=value, twice=2)


class Everything(filters.FilterSet):
    """What the export of the tests takes."""

    shelf = filters.ModelChoiceFilter(queryset=Shelf.objects.all(), null_label="none")
    word = filters.ChoiceFilter(field_name="text", choices=[("a", "A")], null_label="none")
    size = filters.MultipleChoiceFilter(choices=Parcel.Size.choices)
    sized = filters.MultipleChoiceFilter("size", choices=Parcel.Size.choices, distinct=False)
    shelves = filters.ModelMultipleChoiceFilter(
        field_name="shelf", queryset=Shelf.objects.all(), distinct=False
    )
    tenfold = TenfoldFilter("number")
    label = filters.CharFilter("labels__word", "startswith")
    labels = filters.ModelChoiceFilter(queryset=Label.objects.all())
    unlabelled = filters.CharFilter("labels__word", exclude=True)
    holding = OwnFilter("notes__body")

    class Meta:
        model = Parcel
        fields = {"number": ["in", "range"], "code": ["in"], "day": ["in", "range"]}


@pytest.fixture
def codes(database, declare):
    """Fill the table, and give a function from filters to the codes of the rows in the file."""
    shelves = [Shelf.objects.create(pk=pk, name=f"shelf {pk}") for pk in (1, 2)]
    labels = [Label.objects.create(pk=pk, word=f"foo{pk}") for pk in (1, 2)]
    rows = [
        Parcel.objects.create(code=f"{number}", number=number, day="2026-01-02")
        for number in (1, 2, 12, 25)
    ]
    Parcel.objects.filter(number=1).update(shelf=shelves[0], text="a", size="s")
    Parcel.objects.filter(number=2).update(shelf=shelves[1], text="b", size="l")
    rows[0].labels.set(labels)
    Note.objects.bulk_create(Note(parcel=rows[0], body="x") for _ in range(3))

    def rows_of(self, user, at):
        return Parcel.objects.annotate(notes_=Count("notes"), twice=F("number") * 2)

    columns = [Column("code"), Column("notes_", annotated=IntegerField())]
    name = declare(
        Parcel, columns, filters=Everything, search=["code", "labels__word"], rows=rows_of
    )

    def found(**asked):
        data, receipt = exported(name, sort=("code",), **asked)
        lines = [line.split(",") for line in data.decode().splitlines()[1:]]
        assert receipt["rows"] == len(lines)
        assert all(int(notes) == 3 * (code == "1") for code, notes in lines)
        return sorted((code for code, _ in lines), key=int)

    found.name = name
    return found


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"shelf": "null"}, "12 25"), ({"shelf": ["null", "1"]}, "1 12 25"),
        ({"shelf": [1, 2]}, "1 2"),
        ({"word": "null"}, "12 25"), ({"word": ["null", "a"]}, "1 12 25"), ({"word": "a"}, "1"),
        ({"size": ["s", "l"]}, "1 2"), ({"sized": ["s", "l"]}, "1 2"), ({"sized": "s"}, "1"),
        ({"shelves": ["1", "2"]}, "1 2"), ({"shelves": "2"}, "2"),
        ({"tenfold": 1}, "12 25"), ({"tenfold": [1, 2]}, "12 25"), ({"tenfold": [2]}, "25"),
        ({"label": "foo"}, "1"), ({"label": ["foo1", "foo2"]}, "1"), ({"labels": [1, 2]}, "1"),
        ({"label": "foo", "labels": 2}, "1"), ({"unlabelled": "foo1"}, "2 12 25"),
        ({"holding": "x"}, "1"), ({"holding": ["x", "y"]}, "1"),
        ({"number__in": "12"}, "12"), ({"number__in": "1,12"}, "1 12"), ({"number__in": 12}, "12"),
        ({"number__in": [12, "1,2"]}, "1 2 12"), ({"code__in": "12"}, "12"),
        ({"code__in": "2,25"}, "2 25"), ({"number__range": "1,12"}, "1 2 12"),
        ({"day__in": "2026-01-02"}, "1 2 12 25"), ({"day__in": "2026-01-01,today"}, ""),
        ({"day__range": "2026-01-01,2026-01-03"}, "1 2 12 25"),
    ],
)  # fmt: skip
def test_every_filter_gives_its_rows_each_once(codes, filters, expected):
    assert codes(filters=filters) == expected.split()


def test_a_search_in_related_rows_gives_each_row_once(codes):
    assert codes(search="foo") == ["1"]
    assert codes(search="2") == ["1", "2", "12", "25"]


def test_a_list_of_days_is_said_day_by_day(codes):
    asked = ExportRequest(resource=codes.name, filters={"day__in": "2026-01-01,2026-01-02"})
    (said,) = freeze(asked, None).words
    assert said.endswith("2026-01-01, 2026-01-02")


@pytest.mark.parametrize(
    ("filters", "accepted"),
    [
        ({"number__range": "12"}, "two values with a comma between them"),
        ({"number__range": [1, 2]}, "two values with a comma between them"),
        ({"number__in": "1,x"}, "a number"),
        ({"number__in": "1,"}, "a number"),
    ],
)
def test_a_value_that_is_no_list_is_refused(codes, filters, accepted):
    with pytest.raises(errors.BadFilter) as caught:
        freeze(ExportRequest(resource=codes.name, filters=filters), None)
    assert caught.value.accepted == (accepted,)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (filters.RangeFilter, "'number' takes two values at once"),
        (filters.DateFromToRangeFilter, "'number' takes two values at once"),
        (filters.DateRangeFilter, "'number' means other days at each run"),
    ],
)
def test_a_filter_that_a_request_cannot_carry_is_refused_as_it_is_declared(declare, kind, said):
    declared = type("Other", (filters.FilterSet,), {"number": kind()})
    with pytest.raises(errors.DeclarationError, match=said):
        declare(Parcel, [Column("code")], filters=declared)


class Alternating:
    """Reads from either of two databases, as a router among replicas does."""

    turns = itertools.cycle(["sqlite", "other"])

    def db_for_read(self, model, **hints):
        return next(self.turns)


def test_filters_and_searches_in_related_rows_follow_the_rows_among_replicas():
    rows = Parcel.objects.all()
    filters, search = {"label": "foo"}, "foo"
    with override_settings(DATABASE_ROUTERS=[Alternating()]):
        for narrowed in (
            filtering.apply(Everything, rows, filters),
            LabelledExport().find(rows, search),
        ):
            assert "labels" in str(narrowed.query)


class LabelledExport(Export):
    """Parcels that are searched by their labels."""

    name = "labelled"
    model = Parcel
    columns = [Column("code")]
    search = ["labels__word"]
