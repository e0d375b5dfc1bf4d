"""How people are named where they log in: by user name or e-mail address."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.forms import AuthenticationForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

__all__ = ["LogInForm", "counted", "counted_name"]

LONGEST_ADDRESS = 254


class LogInForm(AuthenticationForm):
    """Ask for a user name or an e-mail address, and the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Say what is taken, and take an address as long as they are kept."""
        super().__init__(*args, **kwargs)
        name = self.fields["username"]
        name.label = _("User name or e-mail address")
        name.widget.attrs["maxlength"] = LONGEST_ADDRESS


def counted_name(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    """Give the name that wrong tries are counted by: the one that was typed, as the form reads it.

    Who has the address does not matter: else the lock-out would tell.
    """
    typed = request.POST.get("username") or (credentials or {}).get("username") or ""
    return counted(unicodedata.normalize("NFKC", typed.strip()))


def counted(name: str) -> str:
    """Give an address in small letters: otherwise spelled it is the same one."""
    return name.lower() if "@" in name else name
