"""The assets of the desk."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

__all__ = ["AssetsConfig"]


class AssetsConfig(AppConfig):
    """Register the assets app."""

    name = "desk.assets"
    label = "assets"
    verbose_name = _("Assets")
