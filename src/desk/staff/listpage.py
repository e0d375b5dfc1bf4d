"""A list page as its template draws it: rows, heads, chips, and the addresses around them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import Form
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext as _

from desk.lists import listing as lists
from desk.lists.totals import Total
from desk.people.models import User
from desk.staff.access import person
from desk.staff.columns import Choice, Columns, Head, choices, heads, shown
from desk.staff.filterform import beside, filter_form
from desk.staff.listing import Wanted, read
from desk.staff.saving import first_problem
from desk.staff.templatetags.desk import count, total
from desk.views import queries
from desk.views.actions import may_change
from desk.views.models import SavedView

__all__ = ["Chip", "Kind", "ListPage", "list_page"]

type Pairs = list[tuple[str, str]]
type Text = str | Promise

DAY_WORDS = ("today", "yesterday", "last 7 days", "last 30 days", "last 90 days", "next 7 days")
NOTHING: lists.Page[Any] = lists.Page(rows=(), total=Total(number=0), sort="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What the list pages of one subject have in common."""

    subject: str
    listing: lists.Listing[Any]
    columns: Columns
    default_columns: Sequence[str]
    everything: Text
    search_label: Text
    noun: Callable[[int], str]
    export_right: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A filter in words, and the address of the list without it."""

    name: str
    label: str
    words: str
    without: str


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """Everything one page of a list shows."""

    kind: Kind
    user: User
    path: str
    wanted: Wanted
    found: lists.Page[Any]
    chips: Sequence[Chip] = field(default_factory=tuple)
    problem: str = ""

    @property
    def title(self) -> Text:
        """Name the view, or the whole list."""
        return self.wanted.view.name if self.wanted.view else self.kind.everything

    @property
    def rows(self) -> list[Model]:
        """Give the rows, the one that the search names exactly on top."""
        pinned = [self.found.pinned] if self.found.pinned else []
        return [*pinned, *self.found.rows]

    @property
    def total_words(self) -> str:
        """Say how many rows there are of what."""
        said = {"count": total(self.found.total), "what": self.kind.noun(self.found.total.number)}
        return _("%(count)s %(what)s") % said

    @property
    def shown_words(self) -> str:
        """Say which of them this page shows."""
        if self.found.pinned and not self.found.total.number:
            return _("These filters leave it out")
        last = self.found.first + max(len(self.found.rows) - 1, 0)
        span = f"{count(self.found.first)}–{count(last)}"
        return _("%(span)s of %(total)s") % {"span": span, "total": total(self.found.total)}

    @cached_property
    def heads(self) -> list[Head]:
        """Give the heads of the shown columns."""
        now = replace(self.wanted, sort=self.found.sort or self.wanted.sort)
        return heads(self.kind.columns, self.keys, now, self.path)

    @property
    def choices(self) -> list[Choice]:
        """Give the column menu."""
        return choices(self.kind.columns, self.keys)

    @property
    def search(self) -> str:
        """Give the text searched for."""
        return self.wanted.search

    @property
    def subject(self) -> str:
        """Give the word for what is listed."""
        return self.kind.subject

    @property
    def keys(self) -> tuple[str, ...]:
        """Give the keys of the shown columns."""
        return shown(self.kind.columns, self.wanted.columns, self.kind.default_columns)

    @cached_property
    def filter_form(self) -> Form:
        """Give the form with the filters of now filled in."""
        return filter_form(self.kind.listing.filters, self.wanted.filters)

    @property
    def day_words(self) -> Sequence[str]:
        """Suggest relative dates."""
        return DAY_WORDS

    @property
    def changed(self) -> bool:
        """Say whether this is no longer the view as it was saved."""
        return self.wanted.view is not None and self.wanted.changed

    @property
    def view(self) -> SavedView | None:
        """Give the view that the list started from."""
        return self.wanted.view

    @property
    def may_edit_view(self) -> bool:
        """Say whether whoever looks may change the view."""
        return self.wanted.view is not None and may_change(self.wanted.view, self.user)

    @property
    def may_export(self) -> bool:
        """Say whether whoever looks may take these rows out."""
        return self.user.has_perm(self.kind.export_right) and not self.problem

    @cached_property
    def export_fields(self) -> Pairs:
        """Give the list as the export's forms take it: an unchanged view by its name.

        Where the person has a nearer view of that name, by what the view says.
        """
        wanted = self.wanted
        if wanted.view is not None and not wanted.changed and self._is_named(wanted.view):
            return [("view", wanted.view.name)]
        filters = [(f"f.{name}", one) for name, many in wanted.filters.items() for one in many]
        columns = [("columns", key) for key in wanted.columns]
        said = [("search", wanted.search)] if wanted.search else []
        return [*filters, *said, ("sort", self.found.sort), *columns]

    @property
    def selection_fields(self) -> Pairs:
        """Give the list as the dialog of selected rows takes it: they keep its order too."""
        fields = self.export_fields
        ordered = any(name == "sort" for name, _value in fields)
        return fields if ordered else [*fields, ("sort", self.found.sort)]

    @property
    def kept(self) -> Pairs:
        """Give what the filter form keeps beside its fields."""
        more = beside(self.kind.listing.filters, self.wanted.filters)
        return [*self._hidden("filters"), *more]

    @property
    def kept_but_columns(self) -> Pairs:
        """Give what the column menu keeps."""
        return self._hidden("columns")

    @property
    def kept_but_search(self) -> Pairs:
        """Give what the search field keeps."""
        return self._hidden("search")

    @property
    def query(self) -> str:
        """Give the whole state as an address query, for saving it as a view."""
        return urlencode(self._hidden())

    @property
    def here(self) -> str:
        """Give the address of this very page."""
        return replace(self.wanted, counted=False).address(self.path)

    @property
    def counted_address(self) -> str:
        """Give the address of this page with the number of its rows, where that is a guess yet."""
        if not self.found.total.uncounted:
            return ""
        return replace(self.wanted, counted=True).address(self.path)

    @property
    def newer(self) -> str:
        """Give the address of the page before, if there is one."""
        return self._page_at(self.found.newer)

    @property
    def older(self) -> str:
        """Give the address of the page after, if there is one."""
        return self._page_at(self.found.older)

    @property
    def clear(self) -> str:
        """Give the address without any filter."""
        return self.wanted.having(filters={}).address(self.path)

    @property
    def without_search(self) -> str:
        """Give the address without the search."""
        return self.wanted.having(search="").address(self.path)

    @property
    def reset(self) -> str:
        """Give the address of the view as it was saved."""
        return Wanted(view=self.wanted.view).address(self.path)

    def _is_named(self, view: SavedView) -> bool:
        """Say whether the view's name leads to it: others may have the same one."""
        return queries.named(self.user, self.subject, view.name).pk == view.pk

    def _page_at(self, cursor: str) -> str:
        there = replace(self.wanted, cursor=cursor, counted=False)
        return there.address(self.path) if cursor else ""

    def _hidden(self, *leave_out: str) -> Pairs:
        return [*self.wanted.having().pairs(leave_out=leave_out)]


def list_page(request: HttpRequest, kind: Kind, view: SavedView | None) -> ListPage:
    """Read the page that the address asks for; a fault in it is said, and lists nothing."""
    user, wanted = person(request), read(request.GET, view)
    page = ListPage(kind=kind, user=user, path=request.path, wanted=wanted, found=NOTHING)
    now = timezone.now()
    try:
        chips = _chips(kind, user, wanted, request.path)
        found = lists.page(kind.listing, user, wanted.asked(), at=now)
    except ValidationError as error:
        return replace(page, problem=first_problem(error))
    return replace(page, found=found, chips=chips)


def _chips(kind: Kind, user: User, wanted: Wanted, path: str) -> list[Chip]:
    said = lists.chips(kind.listing, user, wanted.asked(), at=timezone.now())
    return [
        Chip(name=name, label=label, words=words, without=wanted.without(name).address(path))
        for name, (label, words) in said.items()
    ]
