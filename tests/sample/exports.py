"""What the sample exports."""

import django_filters as filters
from django.db.models import F, Func, TextField, Value
from django.db.models.functions import Cast, Length, Now

from tests.sample.models import Crate, Note, Parcel, Purse, Seat, Shelf, Stamp, Wagon
from waybill import Column, Export, Policy, register

__all__ = [
    "CrateExport",
    "NapExport",
    "NoteExport",
    "ParcelExport",
    "PatientExport",
    "PickyExport",
    "PurseExport",
    "SeatExport",
    "ShelfExport",
    "StampExport",
    "TrainExport",
    "WagonExport",
]


class Everyone(Policy):
    """Lets every active person start."""

    def can_start(self, user, export):
        return True


class ParcelFilter(filters.FilterSet):
    """The declared filters."""

    shelf_id = filters.ModelChoiceFilter(queryset=Shelf.objects.all(), label="Shelf")
    size = filters.ChoiceFilter(choices=Parcel.Size)
    fragile = filters.BooleanFilter()
    number = filters.NumberFilter()
    created_from = filters.IsoDateTimeFilter("created", "gte", label="Created from")
    created_to = filters.IsoDateTimeFilter("created", "lt", label="Created before")

    class Meta:
        model = Parcel
        fields = ()


class NoteExport(Export):
    """Notes, also as children of parcels."""

    name = "notes"
    model = Note
    parent = "parcel"
    ordering = ("created",)
    columns = [Column("parcel_id"), Column("body"), Column("created")]


@register
class ParcelExport(Export):
    """Every portable type, relations, choices, rights."""

    name = "parcels"
    model = Parcel
    policy = Everyone()
    columns = [
        Column("id", label="ID"),
        Column("code"),
        Column("text"),
        Column("size"),
        Column(
            "shelf",
            path="shelf__name",
            nested=("id", "name"),
            sort="shelf__position",
            counted=True,
            tones={"Top": "green", 'The "low" one': "red"},
        ),
        Column("shelf_id"),
        Column("labels", path="labels__word"),
        Column("remarks", path="remarks__text", joined=" / "),
        Column("number"),
        Column("price"),
        Column("weight"),
        Column("fragile"),
        Column("day"),
        Column("clock"),
        Column("moment"),
        Column("span"),
        Column("token"),
        Column("data"),
        Column("address"),
        Column("letters", expression=Length("code")),
        Column("age", expression=Now() - F("created")),
        Column("secret", path="code", requires="sample.see_secret"),
        Column("veiled", path="code", requires="sample.see_secret", otherwise="mask"),
        Column("digest", path="code", requires="sample.see_secret", otherwise="hash"),
    ]
    filters = ParcelFilter
    search = ["code", "text"]
    children = [NoteExport]
    created_field, deleted_field = "created", "deleted"


@register
class ShelfExport(Export):
    """A column computed in Python."""

    name = "shelves"
    model = Shelf
    columns = [
        Column("name"),
        Column("shout", function=lambda name: name.upper(), uses=("name",), kind="text"),
    ]


@register
class CrateExport(Export):
    """Arrays."""

    name = "crates"
    model = Crate
    columns = [Column("id"), Column("words"), Column("numbers")]


def first(name):
    """Give the first letter; raises for an empty name."""
    return name[0]


@register
class PickyExport(Export):
    """A function that not every row pleases."""

    name = "picky"
    model = Shelf
    columns = [Column("first", function=first, uses=("name",), kind="text")]


@register
class PatientExport(PickyExport):
    """The same, where one row may fail."""

    name = "patient"
    max_failed = 1


@register
class PurseExport(Export):
    """Two tables that only make sense as of one instant."""

    name = "purses"
    model = Purse
    columns = [
        Column("id"),
        Column("coins"),
        Column("vault_id"),
        Column("vault_coins", path="vault__coins"),
    ]


@register
class StampExport(Export):
    """Rows under UUIDs."""

    name = "stamps"
    model = Stamp
    columns = [Column("id"), Column("word")]


@register
class SeatExport(Export):
    """Rows under a composite key."""

    name = "seats"
    model = Seat
    columns = [Column("row"), Column("number"), Column("word")]


@register
class NapExport(Export):
    """Rows that the database takes its time for, a twentieth of a second each."""

    name = "naps"
    model = Wagon
    policy = Everyone()
    columns = [
        Column("id"),
        Column(
            "nap",
            expression=Cast(Func(Value(0.05), function="pg_sleep"), TextField()),
            label="Nap",
        ),
    ]


@register
class TrainExport(Export):
    """Thirty columns."""

    name = "trains"
    model = Wagon
    columns = [Column("id"), *(Column(f"word_{n}", path="word") for n in range(2, 31))]


@register
class WagonExport(Export):
    """Rows under every whole number."""

    name = "wagons"
    model = Wagon
    columns = [Column("id"), Column("word")]
