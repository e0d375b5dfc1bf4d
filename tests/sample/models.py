"""Parcels on shelves: every type of field that an export can meet."""

import json
import uuid

from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

__all__ = [
    "Coin",
    "CoinNote",
    "Crate",
    "Label",
    "Note",
    "Parcel",
    "Purse",
    "Remark",
    "Seat",
    "Shelf",
    "Stamp",
    "Tally",
    "Tape",
    "Vault",
    "Wagon",
]


class Shelf(models.Model):
    """Where parcels lie."""

    name = models.CharField(max_length=100)
    position = models.IntegerField(default=0)

    def __str__(self):
        return self.name


class Label(models.Model):
    """A word on parcels."""

    word = models.CharField(max_length=100)

    def __str__(self):
        return self.word


class Remark(models.Model):
    """Something said about any row of any table."""

    kind = models.ForeignKey(ContentType, models.CASCADE)
    row = models.BigIntegerField()
    about = GenericForeignKey("kind", "row")
    text = models.TextField()


class Parcel(models.Model):
    """One row with a value of every portable type."""

    class Size(models.TextChoices):
        """Choices, so that labels differ from what is stored."""

        SMALL = "s", "Small"
        LARGE = "l", "Large, =heavy"

    code = models.CharField(max_length=200, blank=True)
    text = models.TextField(null=True, blank=True)
    size = models.CharField(max_length=1, choices=Size, blank=True)
    shelf = models.ForeignKey(Shelf, models.SET_NULL, null=True, blank=True)
    labels = models.ManyToManyField(Label, blank=True)
    remarks = GenericRelation(Remark, "row", "kind", related_query_name="parcel")
    number = models.BigIntegerField(null=True)
    price = models.DecimalField(max_digits=30, decimal_places=4, null=True)
    weight = models.FloatField(null=True)
    fragile = models.BooleanField(null=True)
    day = models.DateField(null=True)
    clock = models.TimeField(null=True)
    moment = models.DateTimeField(null=True)
    span = models.DurationField(null=True)
    token = models.UUIDField(null=True, default=uuid.uuid4)
    data = models.JSONField(null=True)
    address = models.GenericIPAddressField(null=True)
    blob = models.BinaryField(null=True)
    created = models.DateTimeField(db_default=Now())
    deleted = models.DateTimeField(null=True)

    def __str__(self):
        return self.code


class Note(models.Model):
    """A child row of a parcel."""

    parcel = models.ForeignKey(Parcel, models.CASCADE, related_name="notes")
    body = models.TextField()
    created = models.DateTimeField(db_default=Now())

    def __str__(self):
        return self.body


class Crate(models.Model):
    """What only PostgreSQL can hold, under a key that is no number."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    words = ArrayField(models.TextField(), null=True)
    numbers = ArrayField(models.IntegerField(), null=True)

    class Meta:
        required_db_vendor = "postgresql"


class Vault(models.Model):
    """Coins that purses are filled from: together they never become more or fewer."""

    coins = models.IntegerField()


class Purse(models.Model):
    """Coins of one holder."""

    vault = models.ForeignKey(Vault, models.CASCADE)
    coins = models.IntegerField()


class Stamp(models.Model):
    """A row under a UUID."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    word = models.CharField(max_length=50)


class Seat(models.Model):
    """A row under two columns together."""

    pk = models.CompositePrimaryKey("row", "number")
    row = models.IntegerField()
    number = models.IntegerField()
    word = models.CharField(max_length=50)


class Wagon(models.Model):
    """A row under any whole number, negative ones and ones beyond 2^53 included."""

    id = models.BigIntegerField(primary_key=True)
    word = models.CharField(max_length=50)


class Coin(models.Model):
    """A row that others point at by a column that is not its key."""

    code = models.CharField(max_length=20, unique=True)


class CoinNote(models.Model):
    """A child row of a coin, by the coin's code."""

    coin = models.ForeignKey(Coin, models.CASCADE, to_field="code", related_name="notes")
    body = models.TextField()


class Cents(models.DecimalField):
    """An amount that the database has as whole cents."""

    def get_internal_type(self):
        return "DecimalField"

    def from_db_value(self, value, expression, connection):
        return None if value is None else value / 100

    def get_db_prep_save(self, value, connection):
        return super().get_db_prep_save(value * 100, connection)


class Reversed(models.TextField):
    """A text that the database has the other way round, as others are kept encrypted."""

    def from_db_value(self, value, expression, connection):
        return None if value is None else value[::-1]

    def get_prep_value(self, value):
        return None if value is None else value[::-1]


class Sealed(models.JSONField):
    """A document that the database has as a text the other way round."""

    def from_db_value(self, value, expression, connection):
        return None if value is None else json.loads(json.loads(value)[::-1])

    def get_prep_value(self, value):
        return None if value is None else json.dumps(value)[::-1]


class Tape(models.Model):
    """A row of a tree, with values that Python makes of what is stored, and values of each kind."""

    amount = Cents(max_digits=12, decimal_places=2, default=0)
    secret = Reversed(default="")
    speed = models.CharField(max_length=1, choices=[("m", "Month"), ("M", "Minute")], default="m")
    reel = models.ForeignKey("self", models.CASCADE, null=True, related_name="strips")
    moment = models.DateTimeField(null=True)
    token = models.UUIDField(null=True)
    address = models.GenericIPAddressField(null=True)
    flag = models.BooleanField(null=True)
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    span = models.DurationField(null=True)
    data = models.JSONField(null=True)
    sealed = Sealed(null=True)
    mark = Reversed(choices=[("a", "First"), ("b", "Second")], default="a")
    rank = models.CharField(max_length=5, choices=[(1, "One"), (2, "Two")], default="1")


class Tally(models.Model):
    """What something that Django does not make shows: a view, kept or not, of parcels."""

    code = models.CharField(max_length=200, db_collation="C")
    notes = models.IntegerField()

    class Meta:
        managed = False
        db_table = "sample_tally"
