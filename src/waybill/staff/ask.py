"""What a form asks for, as a request: the same words on the list, in the dialog, and to start."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.http import QueryDict

from waybill import errors
from waybill.values import ExportRequest, Json, Options

__all__ = ["FILTER", "LABEL", "hidden", "read"]

FILTER = "f."  # a form's filters are named f.<filter>, so that none is taken for anything else
LABEL = "label."


def read(resource: str, form: QueryDict) -> ExportRequest:
    """Make the request of a form; raises `BadOption` for a scope that is none."""
    scope = form.get("scope", "selected" if form.get("selected") else "view")
    if scope not in {"view", "selected", "all"}:
        accepted = ["view", "selected", "all"]
        raise errors.BadOption(field="scope", value=scope, accepted=accepted)
    narrowed = _narrowed(form) if scope == "view" else {}
    return ExportRequest(
        resource=resource,
        format=form.get("format", "csv"),
        columns=tuple(form.getlist("columns")) or None,
        labels=_labels(form),
        sort=tuple(form.getlist("sort")),
        selected=tuple(form.getlist("selected")) if scope == "selected" else None,
        options=_options(form),
        **narrowed,
    )


def hidden(form: QueryDict) -> Iterator[tuple[str, str]]:
    """Give what the dialog keeps of the list it was opened from."""
    for name, values in form.lists():
        if name in {"view", "search", "sort", "selected"} or name.startswith(FILTER):
            yield from ((name, str(value)) for value in values)


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
