"""The same export as a command and as an API call, to copy."""

import json
import shlex
from collections.abc import Iterator
from typing import Any

from django.urls import NoReverseMatch, reverse

from waybill.values import ExportRequest

__all__ = ["as_call", "as_command"]

ENDINGS = {"excel": "xlsx"}


def as_command(asked: ExportRequest) -> str:
    """Spell an export as a line of the shell."""
    return shlex.join(["manage.py", "waybill_export", asked.resource, *_words(asked)])


def as_call(asked: ExportRequest, base: str) -> str:
    """Spell an export as a call of the API; `base` is the address of the site."""
    body = json.dumps(dict(_body(asked)), ensure_ascii=False)
    address = f"{base}{_path(asked.resource)}"
    return (
        f"curl -X POST {shlex.quote(address)}"
        " -H 'Authorization: Bearer YOUR_TOKEN' -H 'Content-Type: application/json'"
        f" -d {shlex.quote(body)}"
    )


def _path(resource: str) -> str:
    try:
        root = reverse("waybill-api:api-root")
    except NoReverseMatch:
        root = "/api/v1/"
    return f"{root.rstrip('/')}/{resource}/export"


def _words(asked: ExportRequest) -> Iterator[str]:
    if asked.view:
        yield from ("--view", asked.view)
    for name, value in asked.filters.items():
        for one in value if isinstance(value, list) else [value]:
            yield from ("--filter", f"{name}={one}")
    if asked.search:
        yield from ("--search", asked.search)
    for one in asked.sort:
        yield f"--sort={one}"
    if asked.columns:
        yield from ("--columns", ",".join(asked.columns))
    yield from ("--format", asked.format)
    if asked.options.raw:
        yield "--raw"
    yield from ("-o", f"{asked.resource}.{ENDINGS.get(asked.format, asked.format)}")


def _body(asked: ExportRequest) -> Iterator[tuple[str, Any]]:
    yield "format", asked.format
    for name in ("view", "search"):
        if value := getattr(asked, name):
            yield name, value
    if asked.filters:
        yield "filters", dict(asked.filters)
    if asked.sort:
        yield "sort", list(asked.sort)
    if asked.columns:
        yield "columns", list(asked.columns)
