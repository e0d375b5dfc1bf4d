"""The views of the desk."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

__all__ = ["ViewsConfig"]


class ViewsConfig(AppConfig):
    """Register the views app."""

    name = "desk.views"
    label = "views"
    verbose_name = _("Views")
