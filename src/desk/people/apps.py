"""The people of the desk."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

__all__ = ["PeopleConfig"]


class PeopleConfig(AppConfig):
    """Register the people app."""

    name = "desk.people"
    label = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        """Let every change of people stand in the sealed log."""
        from desk.people import audit, sealing

        audit.recorded.connect(sealing.seal, dispatch_uid="desk.people.sealing")
