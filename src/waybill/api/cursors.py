"""Pages that follow a row: a cursor names the last row seen, so no page is skipped or doubled."""

import base64
import binascii
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest

from waybill import errors

__all__ = ["decode", "encode", "page"]


def encode(*parts: object) -> str:
    """Write a place as an opaque word."""
    return base64.urlsafe_b64encode("|".join(map(str, parts)).encode()).decode().rstrip("=")


def decode[Place](cursor: str, read: Callable[[list[str]], Place]) -> Place:
    """Read a place by `read`; raises `BadOption` for a cursor that we did not give."""
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        return read(text.decode().split("|"))
    except (binascii.Error, ValueError, IndexError):
        accepted = ["next_cursor of the page before"]
        raise errors.BadOption(field="cursor", value=cursor, accepted=accepted) from None


def page(
    request: HttpRequest, rows: list[Any], *, total: int, limit: int, place: Callable[[Any], str]
) -> tuple[list[Any], dict[str, Any]]:
    """Cut `limit` + 1 rows to a page; gives it and its `pagination`."""
    shown = rows[:limit]
    cursor = place(shown[-1]) if len(rows) > limit else None
    following = None
    if cursor is not None:
        query = urlencode({**request.GET.dict(), "cursor": cursor})
        following = request.build_absolute_uri(f"{request.path}?{query}")
    pagination = {"total": total, "limit": limit, "next_cursor": cursor, "next": following}
    return shown, pagination
