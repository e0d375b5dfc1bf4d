"""Columns of a list as its page draws them: heads to sort by, and the column menu."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.functional import Promise

from desk.staff.listing import Wanted

__all__ = ["Choice", "Columns", "Head", "ListColumn", "choices", "heads", "list_columns", "shown"]

type Text = str | Promise
type Columns = Mapping[str, ListColumn]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumn:
    """A column that a list can show: its label, the template of its cells, and its sort."""

    key: str
    label: Text
    template: str
    sort: str = ""
    descending_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The head of a shown column; `url` sorts by it, `direction` says how it is sorted now."""

    key: str
    label: Text
    template: str
    url: str = ""
    direction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A column in the column menu."""

    key: str
    label: Text
    chosen: bool


def list_columns(
    subject: str, keys: Sequence[str], labels: Mapping[str, Text], sorts: Collection[str]
) -> dict[str, ListColumn]:
    """Give the columns of a subject's list; each has a template for its cells."""
    return {
        key: ListColumn(
            key=key,
            label=labels[key],
            template=f"{subject}/cells/{key}.html",
            sort=key if key in sorts else "",
            descending_first=key.endswith("_at") or key == "priority",
        )
        for key in keys
    }


def shown(columns: Columns, asked: Sequence[str], default: Sequence[str]) -> tuple[str, ...]:
    """Give the keys to show: those asked for that exist, else the list's own."""
    return tuple(key for key in asked if key in columns) or tuple(default)


def heads(columns: Columns, keys: Sequence[str], wanted: Wanted, path: str) -> list[Head]:
    """Give the heads of the shown columns, each with the address that sorts by it."""
    return [_head(columns[key], wanted, path) for key in keys]


def choices(columns: Columns, keys: Sequence[str]) -> list[Choice]:
    """Give every column for the column menu, the shown ones first and in their order."""
    rest = [key for key in columns if key not in keys]
    return [Choice(key=key, label=columns[key].label, chosen=key in keys) for key in (*keys, *rest)]


def _head(column: ListColumn, wanted: Wanted, path: str) -> Head:
    plain = Head(key=column.key, label=column.label, template=column.template)
    if not column.sort:
        return plain
    url = wanted.having(sort=_next_sort(column, wanted.sort)).address(path)
    return replace(plain, url=url, direction=_direction(column, wanted.sort))


def _next_sort(column: ListColumn, now: str) -> str:
    up, down = column.sort, f"-{column.sort}"
    first, second = (down, up) if column.descending_first else (up, down)
    return second if now == first else first


def _direction(column: ListColumn, now: str) -> str:
    return {column.sort: "ascending", f"-{column.sort}": "descending"}.get(now, "")
