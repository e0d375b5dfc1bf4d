"""What a list page was asked for, read from its address and its saved view."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Self
from urllib.parse import urlencode

from django.http import QueryDict

from desk.lists.listing import Asked
from desk.staff.fields import storable
from desk.views.models import SavedView
from waybill.staff.placing import PLACE, placed

__all__ = ["Wanted", "read"]

type Filters = Mapping[str, tuple[str, ...]]

OWN = "own"  # in the address: the filters stand here, not in the view
COUNTED = "counted"  # in the address: the total is wanted, however long it takes
RESERVED = frozenset({"view", OWN, COUNTED, "search", "sort", "columns", "cursor"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rows of a list, in which order and columns; the view it started from beside it."""

    view: SavedView | None = None
    filters: Filters = field(default_factory=dict)
    search: str = ""
    sort: str = ""
    columns: tuple[str, ...] = ()
    cursor: str = ""
    counted: bool = False
    changed: bool = False

    def asked(self) -> Asked:
        """Give what the list itself has to know."""
        filters = {name: _alone(value) for name, value in self.filters.items()}
        return Asked(
            filters=filters,
            search=self.search,
            sort=self.sort,
            cursor=self.cursor,
            counted=self.counted,
        )

    def pairs(self, *, leave_out: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
        """Give the state as names and values of an address, without the page reached."""
        dropped = frozenset(leave_out)
        if self.view is not None:
            yield "view", str(self.view.pk)
        if self.changed:
            yield OWN, "1"
            yield from self._changed_pairs(dropped)

    def without(self, name: str) -> Self:
        """Give the state with one filter less."""
        kept = {key: value for key, value in self.filters.items() if key != name}
        return replace(self, filters=kept, changed=True, cursor="", counted=False)

    def having(self, **values: object) -> Self:
        """Give the changed state, on its first page."""
        return replace(self, **{"changed": True, "cursor": "", "counted": False, **values})  # type: ignore[arg-type]

    def address(self, path: str) -> str:
        """Give the address that leads to this state."""
        pairs = [*self.pairs()]
        if self.cursor:
            pairs.append(("cursor", self.cursor))
        if self.counted:
            pairs.append((COUNTED, "1"))
        return f"{path}?{urlencode(pairs)}" if pairs else path

    def _changed_pairs(self, dropped: frozenset[str]) -> Iterator[tuple[str, str]]:
        if "filters" not in dropped:
            yield from ((name, one) for name, many in self.filters.items() for one in many)
        if self.search and "search" not in dropped:
            yield "search", self.search
        if self.sort and "sort" not in dropped:
            yield "sort", self.sort
        if "columns" not in dropped:
            yield from (("columns", key) for key in self.columns)


def read(query: QueryDict, view: SavedView | None) -> Wanted:
    """Read what an address asks for; what it does not say comes from the view."""
    asked = {name: _filled(query.getlist(name)) for name in query if not name.startswith(PLACE)}
    own = bool(asked.get(OWN)) or view is None
    saved = Wanted() if view is None else _saved(view)
    filters = {name: value for name, value in asked.items() if value and name not in RESERVED}
    wanted = Wanted(
        view=view,
        filters=filters if own or filters else saved.filters,
        search=_first(asked, "search", "" if own else saved.search),
        sort=_first(asked, "sort", saved.sort),
        columns=_filled(placed(query)) or saved.columns,
        cursor=_first(asked, "cursor", ""),
        counted=bool(asked.get(COUNTED)),
    )
    return replace(wanted, changed=_differs(wanted, saved) if view else True)


def _alone(value: tuple[str, ...]) -> str | list[str]:
    return value[0] if len(value) == 1 else list(value)


def _differs(wanted: Wanted, saved: Wanted) -> bool:
    seen = ("filters", "search", "sort", "columns")
    return any(getattr(wanted, name) != getattr(saved, name) for name in seen)


def _saved(view: SavedView) -> Wanted:
    return Wanted(
        filters={name: _texts(value) for name, value in view.filters.items()},
        search=view.search,
        sort=view.sort,
        columns=tuple(view.columns),
    )


def _texts(value: object) -> tuple[str, ...]:
    many = value if isinstance(value, list) else [value]
    return tuple(_text(one) for one in many)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _filled(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(storable(value).strip() for value in values if value.strip())


def _first(asked: Filters, name: str, otherwise: str) -> str:
    return next(iter(asked.get(name, ())), otherwise)
