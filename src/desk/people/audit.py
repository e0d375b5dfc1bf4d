"""What the site's audit hears of: every change of a role, a right, a password or an account."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

from django.dispatch import Signal

if TYPE_CHECKING:
    from desk.people.models import User

__all__ = ["asked_from", "record", "recorded"]

logger = logging.getLogger(__name__)

recorded = Signal()
"""Sent in the transaction of the change, with `event`, `by`, `about`, `facts` and `address`.

What a receiver raises undoes the change: nothing happens that is not audited.
"""


_address: ContextVar[str] = ContextVar("address", default="")


@contextmanager
def asked_from(address: str) -> Iterator[None]:
    """Note the address that a request came from in all that is recorded meanwhile."""
    noted = _address.set(address[:45])
    try:
        yield
    finally:
        _address.reset(noted)


def record(event: str, *, by: "User | None", about: str, **facts: str) -> None:
    """Tell the audit of one event; `by` None is the system, `about` names what it happened to."""
    said = {"event": event, "by": by, "about": about, "facts": facts}
    recorded.send(sender=None, **said, address=_address.get())
    logger.info("%s actor=%s", event, "system" if by is None else by.pk)
