"""Exports by command in the log: they are no jobs, but nobody takes rows out unseen (L1)."""

import getpass
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from django.db import DatabaseError

from waybill import errors
from waybill.declare.policy import Person
from waybill.jobs import database
from waybill.jobs.log import Actor, Line, append_site
from waybill.states import Event
from waybill.values import ExportRequest, Json

__all__ = ["logged"]


def logged(
    request: ExportRequest, by: Person | None, write: Callable[[], dict[str, Any]]
) -> dict[str, Any]:
    """Write an export between two lines of the log: one before its first byte, one at its end.

    Gives the receipt that `write` gives. Raises `NotLogged` where the first line is not taken.
    """
    _add(Event.INITIATED, request, by, {"format": request.format})
    try:
        receipt = write()
    except BaseException as problem:
        code = problem.code if isinstance(problem, errors.WaybillError) else "interrupted"
        with suppress(DatabaseError, errors.NotLogged):
            _add(Event.FAILED, request, by, {"code": code})
        raise
    _add(Event.COMPLETED, request, by, {name: receipt[name] for name in PROOF})
    return receipt


PROOF = ("rows", "bytes", "sha256")


def _add(
    event: Event, request: ExportRequest, by: Person | None, details: Mapping[str, Json]
) -> None:
    line = Line(
        event,
        actor=Actor.of(by),
        resource=request.resource,
        details={**details, "by": "command", "account": _account()},
    )
    with database.atomic():
        append_site(line)


def _account() -> str:
    """Name the account of the operating system that runs the command."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
