"""`rotate_signing_key`: sign receipts with a new key from now on."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from waybill import conf, keys

__all__ = ["Command"]


class Command(BaseCommand):
    """Makes a signing key."""

    help = "Sign receipts with a new key; those signed with older keys stay good."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the key and print its name."""
        if conf.settings().signing_key:
            raise CommandError(
                _("The key comes from the setting signing_key: put a new one before the old one.")
            )
        self.stdout.write(keys.rotate_signing_key().id)
