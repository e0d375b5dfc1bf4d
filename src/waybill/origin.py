"""From which address a request came."""

from django.http import HttpRequest
from django.utils.module_loading import import_string

from waybill import conf

__all__ = ["address"]


def address(request: HttpRequest) -> str:
    """Give the address that the request came from, as the host's setting reads it, for the log."""
    read = conf.settings().client_address
    if read:
        return str(import_string(read)(request))[:45]
    return str(request.META.get("REMOTE_ADDR", ""))[:45]
