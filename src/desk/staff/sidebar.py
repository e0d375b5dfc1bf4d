"""The saved views beside a list, each with the number of its rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from desk.lists.totals import Total
from desk.people.models import User
from desk.views import queries
from desk.views.models import SavedView

__all__ = ["Entry", "Group", "Sidebar", "sidebar"]

type Text = str | Promise

LABEL = _("Views")
SHELVES = {"default": _("Views"), "own": _("Yours"), "shared": _("Shared")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One view of the side bar."""

    label: Text
    url: str
    current: bool
    count: Total | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The views under one heading."""

    label: Text
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sidebar:
    """What the side bar draws; `counts_url` leads to it with every number filled in."""

    groups: tuple[Group, ...]
    counts_url: str = ""
    label: Text = LABEL
    template: str = "views/side.html"


def sidebar(
    user: User,
    subject: str,
    *,
    current: int | None,
    totals: Mapping[int, Total],
    at: str = "",
) -> Sidebar:
    """Give the side bar of a list; `current` is the id of the open view, `at` the page's path."""
    path = reverse(f"{subject}:list")
    menu = queries.for_menu(user, subject)
    groups = _groups(menu, path, current, totals)
    shown = [totals.get(view.pk) for views in menu.values() for view in views]
    missing = any(one is None or one.uncounted for one in shown)
    query = f"?view={current}" if current else ""
    url = reverse("views:counts", args=[subject]) + query if missing else ""
    gone = reverse(f"{subject}:deleted")
    bin_ = Group(
        label=_("More"), entries=(Entry(label=_("Deleted"), url=gone, current=at == gone),)
    )
    return Sidebar(groups=(*groups, bin_), counts_url=url)


def _groups(
    menu: Mapping[str, list[SavedView]],
    path: str,
    current: int | None,
    totals: Mapping[int, Total],
) -> Iterator[Group]:
    for shelf, label in SHELVES.items():
        entries = tuple(
            Entry(
                label=view.name,
                url=f"{path}?view={view.pk}",
                current=view.pk == current,
                count=totals.get(view.pk),
            )
            for view in menu[shelf]
        )
        if entries or shelf == "default":
            yield Group(label=label, entries=entries)
