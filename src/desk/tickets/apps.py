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
        """Plant the rows that the app needs, and let no team take its tickets with it."""
        from desk.people import groups
        from desk.tickets import seed, teams

        post_migrate.connect(seed.plant, sender=self)
        groups.dissolved.connect(teams.set_free, dispatch_uid="desk.tickets.teams")
