"""The Django app of the engine."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

__all__ = ["WaybillConfig"]


class WaybillConfig(AppConfig):
    """Register the engine."""

    name = "waybill"
    label = "waybill"
    verbose_name = _("Exports")
    default_auto_field = "django.db.models.BigAutoField"
