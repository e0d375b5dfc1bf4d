"""The views of the desk."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

__all__ = ["ViewsConfig"]


class ViewsConfig(AppConfig):
    """Register the views app."""

    name = "desk.views"
    label = "views"
    verbose_name = _("Views")

    def ready(self) -> None:
        """Let a fresh database start with the rows that the app needs."""
        from desk.views import seed

        post_migrate.connect(seed.plant, sender=self)
