"""Time zones by their IANA names."""

from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

__all__ = ["names", "of", "validate_zone"]


@cache
def names() -> frozenset[str]:
    """Name every time zone that a person can choose; looking them up takes some 20 ms."""
    return frozenset(available_timezones() - {"localtime"})  # a file of this machine, no name


def of(name: str) -> ZoneInfo:
    """Give a zone; one that this machine does not know is read as UTC."""
    return ZoneInfo(name if name in names() else "UTC")


def validate_zone(name: str) -> None:
    """Raise `ValidationError` for a name that is no time zone."""
    if name not in names():
        raise ValidationError(
            _("“%(name)s” is not a time zone. A name such as Europe/Berlin would be accepted."),
            params={"name": name},
        )
