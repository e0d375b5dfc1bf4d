"""A list page as its template draws it: rows, heads, chips, and the addresses around them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.db.models import Model
from django.forms import BaseForm
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from desk.staff.columns import Choice, Columns, Head, choices, heads, shown
from desk.staff.listing import Wanted
from desk.staff.templatetags.desk import count

__all__ = ["Chip", "ListPage", "Total"]

type Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chip:
    """A filter in words, and the address of the list without it."""

    name: str
    label: str
    words: str
    without: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """How many rows a list has: exact, or about so many."""

    number: int
    exact: bool = True

    def __str__(self) -> str:
        """Say the number, with "about" where it is an estimate."""
        words = count(self.number)
        return words if self.exact else _("about %(number)s") % {"number": words}


@dataclass(frozen=True, kw_only=True)
class ListPage:
    """Everything one page of a list shows."""

    subject: str
    title: str | Promise
    path: str
    wanted: Wanted
    columns: Columns
    default_columns: Sequence[str]
    rows: Sequence[Model]
    total: Total
    noun: str | Promise
    newer: str = ""
    older: str = ""
    chips: Sequence[Chip] = field(default_factory=tuple)
    filter_form: BaseForm | None = None
    bulk_url: str = ""
    problem: str = ""
    may_edit_view: bool = False

    @property
    def total_words(self) -> str:
        """Say how many rows there are of what."""
        return f"{self.total} {self.noun}"

    @property
    def shown_words(self) -> str:
        """Say how many of them this page shows."""
        values = {"shown": count(len(self.rows)), "total": self.total}
        return _("%(shown)s of %(total)s") % values

    @property
    def heads(self) -> list[Head]:
        """Give the heads of the shown columns."""
        return heads(self.columns, self.keys, self.wanted, self.path)

    @property
    def choices(self) -> list[Choice]:
        """Give the column menu."""
        return choices(self.columns, self.keys)

    @property
    def keys(self) -> tuple[str, ...]:
        """Give the keys of the shown columns."""
        return shown(self.columns, self.wanted.columns, self.default_columns)

    @property
    def changed(self) -> bool:
        """Say whether this is no longer the view as it was saved."""
        return self.wanted.changed

    @property
    def view(self) -> object:
        """Give the view that the list started from."""
        return self.wanted.view

    @property
    def search(self) -> str:
        """Give the text searched for."""
        return self.wanted.search

    @property
    def kept(self) -> Pairs:
        """Give what the filter form keeps beside the filters."""
        return self._hidden("filters")

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
        return self.wanted.address(self.path)

    @property
    def clear(self) -> str:
        """Give the address without any filter."""
        return self.wanted.having(filters={}).address(self.path)

    @property
    def without_search(self) -> str:
        """Give the address without the search."""
        return self.wanted.having(search="").address(self.path)

    @property
    def everywhere(self) -> str:
        """Give the address that searches without the filters."""
        return self.clear

    @property
    def reset(self) -> str:
        """Give the address of the view as it was saved."""
        return Wanted(view=self.wanted.view).address(self.path)

    def page_at(self, cursor: str) -> str:
        """Give the address of another page of this list."""
        return replace(self.wanted, cursor=cursor).address(self.path)

    def _hidden(self, *leave_out: str) -> Pairs:
        return [*self.wanted.having().pairs(leave_out=leave_out)]
