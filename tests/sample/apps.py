"""The sample as a Django app."""

from django.apps import AppConfig

__all__ = ["SampleConfig"]


class SampleConfig(AppConfig):
    """Holds the tables of the tests."""

    name = "tests.sample"
    label = "sample"
    default_auto_field = "django.db.models.BigAutoField"
