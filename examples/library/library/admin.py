from django.contrib import admin

from library.models import Book, Genre
from waybill.staff.admin import ExportAdmin

admin.site.register(Genre)


@admin.register(Book)
class BookAdmin(ExportAdmin):
    list_display = ["title", "genre", "rare", "bought"]
    list_filter = ["genre", "rare", "bought"]
    search_fields = ["title"]
