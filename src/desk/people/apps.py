"""The people of the desk."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

__all__ = ["PeopleConfig"]


class PeopleConfig(AppConfig):
    """Register the people app."""

    name = "desk.people"
    label = "people"
    verbose_name = _("People")
