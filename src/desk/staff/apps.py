"""The staff area as a Django app: templates, style and template tags."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

__all__ = ["StaffConfig"]


class StaffConfig(AppConfig):
    """The shell around every page of the staff area."""

    name = "desk.staff"
    verbose_name = _("Staff area")
