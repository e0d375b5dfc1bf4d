"""The same export as a command and as an API call, to copy."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.urls import NoReverseMatch, reverse

from waybill import conf, registry
from waybill.declare.policy import Person
from waybill.store.names import EXTENSIONS
from waybill.values import ONE_TABLE, ExportRequest, Options

__all__ = ["as_call", "as_command"]


def as_command(asked: ExportRequest, by: Person) -> str:
    """Spell an export with a person's rights as a line of the shell; selected rows have none."""
    return shlex.join([*conf.settings().command, asked.resource, *_words(asked, by)])


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


def _words(asked: ExportRequest, by: Person) -> Iterator[str]:
    """Give the arguments; with `=`, so that no value that starts with a dash is taken for one."""
    user: Any = by
    yield f"--as={user.get_username()}"
    if asked.view:
        yield f"--view={asked.view}"
    for name, value in asked.filters.items():
        for one in value if isinstance(value, list) else [value]:
            yield f"--filter={name}={one}"
    if asked.search:
        yield f"--search={asked.search}"
    if asked.sort:
        yield f"--sort={','.join(asked.sort)}"
    if asked.columns:
        yield f"--columns={','.join(asked.columns)}"
    yield from (f"--label={key}={label}" for key, label in asked.labels.items())
    yield f"--format={asked.format}"
    yield from _options(asked)
    yield from ("-o", f"{asked.resource}.{_ending(asked)}")


def _options(asked: ExportRequest) -> Iterator[str]:
    options = asked.options
    if options.delimiter != ",":
        yield f"--delimiter={'tab' if options.delimiter == '\t' else options.delimiter}"
    if options.zone:
        yield f"--zone={options.zone}"
    told = {
        "--raw": options.raw,
        "--children": options.children,
        "--no-bom": not options.bom,
        "--no-guard": not options.guard,
        "--gzip": bool(options.compression),
    }
    yield from (flag for flag, wanted in told.items() if wanted)


def _ending(asked: ExportRequest) -> str:
    options = asked.options
    if options.children and asked.format in ONE_TABLE and registry.get(asked.resource).children:
        return "zip"
    return EXTENSIONS.get(asked.format, asked.format) + (".gz" if options.compression else "")


def _body(asked: ExportRequest) -> Iterator[tuple[str, Any]]:
    yield "format", asked.format
    for name in ("view", "search"):
        if value := getattr(asked, name):
            yield name, value
    for name in ("filters", "labels"):
        if value := getattr(asked, name):
            yield name, dict(value)
    for name in ("sort", "columns"):
        if value := getattr(asked, name):
            yield name, list(value)
    usual = asdict(Options())
    if options := {k: v for k, v in asdict(asked.options).items() if v != usual[k]}:
        yield "options", options
