"""The assets of the desk."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

__all__ = ["AssetsConfig"]


class AssetsConfig(AppConfig):
    """Register the assets app."""

    name = "desk.assets"
    label = "assets"
    verbose_name = _("Assets")

    def ready(self) -> None:
        """Let a fresh database start with the rows that the app needs."""
        from desk.assets import seed

        post_migrate.connect(seed.plant, sender=self)
