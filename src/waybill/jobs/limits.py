"""Starts a minute and person, exact under any number of processes (A5)."""

import math
from datetime import timedelta

from waybill import conf, errors
from waybill.jobs import database
from waybill.models import AcceptedStart

__all__ = ["accept", "forget_old"]


def accept(requester_key: str) -> None:
    """Count a start of a person whose row is locked; raises `RateLimited` where it is too many.

    Any window of the length set holds no more starts than the limit: the window slides, and the
    database's clock is read after the lock.
    """
    now = database.clock()
    starts = AcceptedStart.objects.using(database.alias()).filter(requester_key=requester_key)
    recent = starts.filter(at__gt=now - _window()).order_by("-at")
    limit = conf.settings().starts_per_minute
    last = list(recent.values_list("at", flat=True)[:limit])
    if len(last) == limit:
        free_at = (last[-1] if last else now) + _window()  # a limit of 0 lets nobody start
        seconds = max(1, math.ceil((free_at - now).total_seconds()))
        raise errors.RateLimited(seconds=seconds, most=limit)
    starts.create(requester_key=requester_key, at=now)


def forget_old() -> int:
    """Drop the starts that no window reaches any more; returns how many."""
    old = AcceptedStart.objects.using(database.alias()).filter(at__lt=database.clock() - _window())
    return old.delete()[0]


def _window() -> timedelta:
    return timedelta(seconds=conf.settings().starts_window_seconds)
