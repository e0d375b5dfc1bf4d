"""What a form asks for, as a request: the same words on the list, in the dialog, and to start."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, unquote

from django.http import QueryDict

from waybill import errors
from waybill.plan.freeze import UNSTORABLE
from waybill.staff.placing import placed
from waybill.values import ExportRequest, Json, Options

__all__ = [
    "FILTER",
    "LABEL",
    "ROWS",
    "addressed",
    "chosen",
    "form_of",
    "hidden",
    "read",
    "selected",
    "storable",
]

FILTER = "f."  # a form's filters are named f.<filter>, so that none is taken for anything else
LABEL = "label."
# The selected rows in one field: Django takes a form of a thousand fields at most.
ROWS = "rows"
CHOICES = frozenset(
    {"bom", "children", "columns", "delimiter", "format", "guard", "gzip", "mail", "options"}
    | {"preview", "raw", "zone"}
)
OTHERS = frozenset(
    {"again", "in_list", "key", "preset", ROWS, "scope", "search", "selected", "sort", "view"}
)


def read(resource: str, form: QueryDict) -> ExportRequest:
    """Make the request of a form; raises `BadOption` for a scope that is none."""
    rows = selected(form)
    scope = form.get("scope", "selected" if rows else "view")
    if scope not in {"view", "selected", "all"}:
        accepted = ["view", "selected", "all"]
        raise errors.BadOption(field="scope", value=scope, accepted=accepted)
    narrowed = _narrowed(form) if scope == "view" else {}
    return ExportRequest(
        resource=resource,
        format=form.get("format", "csv"),
        columns=tuple(placed(form)) or None,
        labels=_labels(form),
        sort=tuple(form.getlist("sort")),
        selected=rows if scope == "selected" else None,
        options=_options(form),
        **narrowed,
    )


def hidden(form: QueryDict) -> Iterator[tuple[str, str]]:
    """Give what the dialog keeps of the list it was opened from."""
    for name, values in form.lists():
        if name in {"view", "search", "sort", "in_list"} or name.startswith(FILTER):
            yield from ((name, str(value)) for value in values)
    if rows := selected(form):
        yield ROWS, ",".join(quote(key, safe="") for key in rows)


def addressed(form: QueryDict) -> QueryDict:
    """Read an address as a list's: its filters may stand there by their own names."""
    named = form.copy()
    for name in form:
        if not (name in CHOICES | OTHERS or name.startswith((FILTER, LABEL))):
            named.setlist(f"{FILTER}{name}", named.pop(name))
    return named


def selected(form: QueryDict) -> tuple[str, ...]:
    """Give the keys of the rows that a form names, each by itself or all in one field."""
    packed = ",".join(form.getlist(ROWS)).split(",")
    named = (*form.getlist("selected"), *map(unquote, packed))
    return tuple(str(key) for key in named if key)


def chosen(form: QueryDict) -> list[tuple[str, str]]:
    """Give what a person chose in the dialog, without the list it was opened from.

    It is kept: whatever else a form brings is left out.
    """
    return [
        (storable(name), storable(str(value)))
        for name, values in form.lists()
        for value in (placed(form) if name == "columns" else values)
        if name in CHOICES or name.startswith(LABEL)
    ]


def storable(text: str) -> str:
    """Leave out what no database stores."""
    return UNSTORABLE.sub("", text)


def form_of(asked: ExportRequest, *, mail: bool = True) -> QueryDict:
    """Write a request as the form that asks for the same; what its view filters stands in it."""
    form = QueryDict(mutable=True)
    for name, value in _fields(asked):
        form.appendlist(name, value)
    if mail:
        form["mail"] = "on"
    return form


def _fields(asked: ExportRequest) -> Iterator[tuple[str, str]]:
    options = asked.options
    delimiter = "tab" if options.delimiter == "\t" else options.delimiter
    yield from (("format", asked.format), ("options", "1"), ("delimiter", delimiter))
    yield from (("zone", options.zone), ("scope", "view" if asked.selected is None else "selected"))
    yield from (("columns", key) for key in asked.columns or ())
    yield from ((f"{LABEL}{key}", label) for key, label in asked.labels.items())
    yield from (("sort", one) for one in asked.sort)
    yield from (("selected", key) for key in asked.selected or ())
    for name, value in asked.filters.items():
        several = value if isinstance(value, list) else [value]
        yield from ((f"{FILTER}{name}", _word(one)) for one in several)
    if asked.search:
        yield "search", asked.search
    ticked = {"gzip": bool(options.compression)}
    ticked |= {name: getattr(options, name) for name in ("bom", "guard", "raw", "children")}
    yield from ((name, "on") for name, on in ticked.items() if on)


def _word(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _narrowed(form: QueryDict) -> Mapping[str, Any]:
    return {
        "filters": dict(_filters(form)),
        "search": form.get("search", ""),
        "view": form.get("view", ""),
    }


def _filters(form: QueryDict) -> Iterator[tuple[str, Json]]:
    for name, values in form.lists():
        if name.startswith(FILTER):
            several: list[Json] = [str(value) for value in values]
            yield name.removeprefix(FILTER), several[0] if len(several) == 1 else several


def _labels(form: QueryDict) -> dict[str, str]:
    given = {name: str(form[name]).strip() for name in form if name.startswith(LABEL)}
    return {name.removeprefix(LABEL): label for name, label in given.items() if label}


def _options(form: QueryDict) -> Options:
    """Read the options; a form without them, such as a list's button, takes the usual ones."""
    delimiter = form.get("delimiter", ",")
    shown = "options" in form
    return Options(
        delimiter="\t" if delimiter == "tab" else delimiter,
        bom="bom" in form if shown else True,
        raw="raw" in form,
        guard="guard" in form if shown else True,
        zone=form.get("zone", ""),
        compression="gzip" if "gzip" in form else "",
        children="children" in form,
    )
