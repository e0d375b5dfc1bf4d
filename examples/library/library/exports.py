import django_filters as filters

import waybill
from library.models import Book, Genre
from waybill import Column, Export, Policy


class BookFilter(filters.FilterSet):
    genre = filters.ModelChoiceFilter(queryset=Genre.objects.all())
    rare = filters.BooleanFilter()


class Librarians(Policy):
    """Staff start exports; the file is for whoever started it."""

    def can_start(self, user, export):
        return user.is_staff


@waybill.register
class BookExport(Export):
    name = "books"
    model = Book
    columns = [
        Column("id"),
        Column("title"),
        Column("genre", path="genre__name", nested=("id", "name")),
        Column("rare"),
        Column("bought"),
    ]
    filters = BookFilter
    search = ["title"]
    policy = Librarians()
    created_field = "bought"

    def rows(self, user, at):
        """Give every book; the rare ones only to those who may change books."""
        all_of_them = user is None or user.has_perm("library.change_book")
        return Book.objects.all() if all_of_them else Book.objects.filter(rare=False)
