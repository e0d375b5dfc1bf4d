"""What is decided before anything of a request is believed or read: who sent it, and how much."""

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from desk.people import audit

__all__ = ["BodyLimitMiddleware", "ProbeMiddleware", "ProxyMiddleware", "client_address"]

type Answer = Callable[[HttpRequest], HttpResponseBase]
type Address = IPv4Address | IPv6Address
type Network = IPv4Network | IPv6Network

PROBES = frozenset({"/healthz", "/readyz", "/metrics"})


class ProbeMiddleware:
    """Answer those who watch the site by the address of a machine, whatever name the site has.

    Load balancers, container engines and `desk up` itself know no other name.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Take a probe as one for the site's own name."""
        if request.path in PROBES:
            request.META["HTTP_HOST"] = settings.ALLOWED_HOSTS[0].lstrip(".")
        return self.get_response(request)


class ProxyMiddleware:
    """Believe what proxies report, but only those that `DESK_PROXY` names.

    Behind them `REMOTE_ADDR` becomes the address of the client, for log, lock-out and audit alike;
    from anybody else the word on the scheme is dropped.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Settle where the request came from."""
        named: Sequence[Network] = settings.PROXIES
        peer = str(request.META.get("REMOTE_ADDR", ""))
        if not _is_named(peer, named):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        elif reported := request.META.get("HTTP_X_FORWARDED_FOR", ""):
            request.META["REMOTE_ADDR"] = _client(reported, named) or peer
        with audit.asked_from(client_address(request)):
            return self.get_response(request)


class BodyLimitMiddleware:
    """Refuse a body that is longer than its address takes, before a byte of it is read.

    Django bounds forms and JSON, but keeps uploads on the disk whatever their length.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer 413 where the length that the client announces is too much."""
        announced = str(request.META.get("CONTENT_LENGTH") or "0")
        length = int(announced) if announced.isdecimal() else 0
        if length <= _most(request.path):
            return self.get_response(request)
        if request.path.startswith("/api/"):
            from waybill.api.problems import too_large

            return too_large()
        return HttpResponse(
            f"{_('The body is too large.')}\n", status=413, content_type="text/plain"
        )


def client_address(request: HttpRequest) -> str:
    """Give the address a request came from, as `ProxyMiddleware` settled it."""
    return str(request.META.get("REMOTE_ADDR", ""))


def _most(path: str) -> int:
    """Give how many bytes an address takes: only the page that verifies files takes large ones."""
    takes_files = path == reverse("waybill:verify")
    return int(settings.UPLOAD_BYTES if takes_files else settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


def _client(reported: str, named: Sequence[Network]) -> str:
    """Give the last reported address that is no proxy of ours; those before it are only claims."""
    for entry in reversed(reported.split(",")):
        address = _address(entry.strip())
        if address is None:
            return ""
        if not _is_named(str(address), named):
            return str(address)
    return ""


def _is_named(peer: str, named: Sequence[Network]) -> bool:
    if not peer:
        return bool(named)  # a socket of this machine has no address
    address = _address(peer)
    return address is not None and any(address in network for network in named)


def _address(text: str) -> Address | None:
    """Read an address, also one with a port; an IPv4 address in the clothes of IPv6 is IPv4."""
    bare = text.partition("]")[0].lstrip("[") if text.startswith("[") else text
    if bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
