from django.db import models
from django.db.models.functions import Now


class Genre(models.Model):
    name = models.CharField(max_length=80, unique=True)

    def __str__(self) -> str:
        return self.name


class Book(models.Model):
    title = models.CharField(max_length=200)
    genre = models.ForeignKey(Genre, models.PROTECT)
    rare = models.BooleanField(default=False)
    bought = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.title
