"""The app of mails that are kept as files."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

__all__ = ["MailConfig"]


class MailConfig(AppConfig):
    """Bring the page of kept mails."""

    name = "desk.mail"
    label = "mail"
    verbose_name = _("Mails")
