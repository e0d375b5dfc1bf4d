"""The one setting, `WAYBILL = {...}`, as one frozen object.

Nothing else in Waybill reads `django.conf.settings`.
"""

from dataclasses import dataclass, fields
from functools import cache
from typing import Any

from django.conf import settings as django_settings
from django.core.signals import setting_changed
from django.utils.encoding import force_bytes

from waybill import errors

__all__ = ["Settings", "secret", "settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a host project can set, with the defaults.

    `max_filter_values` and `max_text` (characters) bound what one request may carry;
    `lock_seconds` is how long an export waits for its tables while one of them is altered.
    """

    max_filter_values: int = 1_000
    max_selected: int = 10_000
    max_text: int = 1_000
    lock_seconds: int = 10


@cache
def settings() -> Settings:
    """Read the setting; raises `SettingsError` for an unknown key."""
    given: dict[str, Any] = getattr(django_settings, "WAYBILL", {})
    known = {one.name for one in fields(Settings)}
    if unknown := sorted(set(given) - known):
        raise errors.SettingsError(
            f"WAYBILL has no key {unknown[0]!r}; it has {', '.join(sorted(known))}"
        )
    return Settings(**given)


def secret() -> bytes:
    """Give the host's secret key, from which others are derived."""
    return force_bytes(django_settings.SECRET_KEY)


def reset(*, setting: str, **_: Any) -> None:
    """Forget what was read when a test changes the setting."""
    if setting == "WAYBILL":
        settings.cache_clear()


setting_changed.connect(reset)
