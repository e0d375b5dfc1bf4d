"""The tickets of the desk."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

__all__ = ["TicketsConfig"]


class TicketsConfig(AppConfig):
    """Register the tickets app."""

    name = "desk.tickets"
    label = "tickets"
    verbose_name = _("Tickets")

    def ready(self) -> None:
        """Let a fresh database start with the rows that the app needs."""
        from desk.tickets import seed

        post_migrate.connect(seed.plant, sender=self)
