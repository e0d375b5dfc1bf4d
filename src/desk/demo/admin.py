"""What the demo remembers of itself, in Django's admin."""

from django.contrib import admin

from desk.demo.models import Demo
from desk.operators import HistoryAdmin

__all__ = ["DemoAdmin"]


@admin.register(Demo)
class DemoAdmin(HistoryAdmin):
    """The moment that all times of the demo hang on."""
