"""Waybill as a Django app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from waybill import checks, registry

__all__ = ["WaybillConfig"]


class WaybillConfig(AppConfig):
    """Find every app's exports once the apps are loaded."""

    name = "waybill"
    label = "waybill"
    verbose_name = _("Exports")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Import the exports of every app."""
        import_module("waybill.logexport")
        registry.autodiscover()
        checks.enlist()
