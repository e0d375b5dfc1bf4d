"""The tickets of the desk."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

__all__ = ["TicketsConfig"]


class TicketsConfig(AppConfig):
    """Register the tickets app."""

    name = "desk.tickets"
    label = "tickets"
    verbose_name = _("Tickets")
