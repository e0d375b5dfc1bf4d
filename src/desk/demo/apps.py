"""The app of demo data and loaders."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

__all__ = ["DemoConfig"]


class DemoConfig(AppConfig):
    """Fills the desk: from files, or with made-up tickets."""

    name = "desk.demo"
    label = "demo"
    verbose_name = _("Demo and loading")
