"""What the site's audit hears of: every change of a role, a right, a password or an account."""

import logging
from typing import TYPE_CHECKING

from django.dispatch import Signal

if TYPE_CHECKING:
    from desk.people.models import User

__all__ = ["record", "recorded"]

logger = logging.getLogger(__name__)

recorded = Signal()
"""Sent in the transaction of the change, with `event`, `by`, `about` and `facts`.

What a receiver raises undoes the change: nothing happens that is not audited.
"""


def record(event: str, *, by: "User | None", about: str, **facts: str) -> None:
    """Tell the audit of one event; `by` None is the system, `about` names what it happened to."""
    recorded.send(sender=None, event=event, by=by, about=about, facts=facts)
    logger.info("%s actor=%s", event, "system" if by is None else by.pk)
