"""What stands in the header of every staff page."""

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desk.people.models import User

__all__ = ["Find", "Item", "shell"]

type Text = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of the main navigation."""

    label: Text
    url: str
    icon: str
    current: bool
    badge_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Find:
    """The search field of the header: where it leads and what it keeps of the list."""

    action: str
    label: Text
    text: str = ""
    kept: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    area: str
    label: Text
    icon: str
    admin_only: bool = False
    page: str = "list"


PLACES = (
    _Place(area="tickets", label=_("Tickets"), icon="ticket"),
    _Place(area="assets", label=_("Assets"), icon="asset"),
    _Place(area="waybill", label=_("Exports"), icon="export", page="history"),
    _Place(area="people", label=_("People"), icon="people", admin_only=True),
)


def shell(request: HttpRequest) -> dict[str, object]:
    """Give templates the navigation and the search field of the person who asks."""
    if not isinstance(getattr(request, "user", None), User):
        return {}
    area = _area(request)
    return {
        "nav": [_item(place, area) for place in PLACES if _shown(place, request)],
        "find": Find(action=reverse("tickets:list"), label=_("Search tickets")),
    }


def _shown(place: _Place, request: HttpRequest) -> bool:
    return not place.admin_only or (isinstance(request.user, User) and request.user.is_admin)


def _item(place: _Place, area: str) -> Item:
    return Item(
        label=place.label,
        url=reverse(f"{place.area}:{place.page}"),
        icon=place.icon,
        current=place.area == area,
        badge_url=reverse("waybill:badge") if place.area == "waybill" else "",
    )


def _area(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.app_names[-1] if match and match.app_names else ""
