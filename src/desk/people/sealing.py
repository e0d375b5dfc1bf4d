"""What the audit of people hears goes into the sealed log, beside the exports (L2)."""

from collections.abc import Mapping
from typing import Any

from desk.people.models import User
from waybill.jobs.log import Actor, Line, append_site

__all__ = ["seal"]


def seal(
    *,
    event: str,
    by: User | None,
    about: str,
    facts: Mapping[str, str],
    address: str = "",
    **_: Any,
) -> None:
    """Add a line to the site's chain, in the transaction of the change that it tells."""
    details = {"about": about, **facts}
    append_site(Line(event, actor=Actor.of(by, address), message=about, details=details))
