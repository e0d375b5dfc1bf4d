"""`/metrics`, for whoever brings the token, or for this machine alone."""

import ipaddress
import secrets

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from waybill import conf

__all__ = ["metrics"]


@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Give the metrics in Prometheus' text format; 403 for anybody else."""
    if not _welcome(request):
        return HttpResponse("not for you\n", status=403, content_type="text/plain")
    from waybill.tell.metrics import CONTENT_TYPE, exposed

    return HttpResponse(exposed(), content_type=CONTENT_TYPE)


def _welcome(request: HttpRequest) -> bool:
    token = conf.settings().metrics_token
    if token:
        given = request.headers.get("Authorization", "")
        return secrets.compare_digest(given.encode(), f"Bearer {token}".encode())
    # What came through a proxy came from elsewhere, whatever address the proxy itself has.
    proxied = {"X-Forwarded-For", "Forwarded", "X-Real-Ip"} & set(request.headers)
    return not proxied and _is_local(str(request.META.get("REMOTE_ADDR", "")))


def _is_local(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
