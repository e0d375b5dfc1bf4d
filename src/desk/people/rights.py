"""The system permissions that a role can carry."""

from django.db import models
from django.utils.translation import gettext_lazy as _

__all__ = ["Right"]


class Right(models.TextChoices):
    """A system permission: its code name and the words people see."""

    IMPORT_EXPORT_TICKETS = "import_export_tickets", _("Import / Export Tickets")
    EXPORT_ASSETS = "export_assets", _("Export Assets")
    SEE_CONTACTS = "see_contacts", _("See Contact Details")
