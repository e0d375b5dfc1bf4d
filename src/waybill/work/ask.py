"""One way in for everybody who asks for an export: pages, API and Python alike."""

from dataclasses import dataclass, replace

from waybill import conf, errors, registry
from waybill.declare.policy import Intended, Person
from waybill.jobs.log import Actor
from waybill.jobs.request import Requested, Wish, made_before, refuse, request_export
from waybill.models import ExportJob
from waybill.plan.build import build
from waybill.plan.freeze import freeze
from waybill.read.limited import limited
from waybill.shortid import to_short
from waybill.states import Delivery
from waybill.values import ExportRequest, FrozenRequest
from waybill.work import sample as samples
from waybill.work.direct import Direct, deliver
from waybill.work.run import worker_name

__all__ = [
    "Chosen",
    "ask",
    "choose",
    "comes_at_once",
    "frozen_for",
    "may_fetch",
    "rows_up_to",
    "sized",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """The way an export goes, and its rows where they were counted (None: more than looked at)."""

    delivery: Delivery
    rows: int | None


def ask(request: ExportRequest, *, by: Person, wish: Wish) -> ExportJob | Direct:
    """Start an export: a file at once where it is small, else a job in the background.

    The wish's `background` True or False asks for one of the two. Raises a `RequestRefused`,
    `RateLimited`, or the `RunFailed` of a file that was to come at once.
    """
    frozen = frozen_for(request, by=by, address=wish.address)
    made = _made(frozen, by=by, wish=replace(wish, asked=request))
    if made.job.delivery == Delivery.BACKGROUND:
        return made.job
    if not made.created:
        raise errors.AlreadyMade(field="Idempotency-Key", value=to_short(made.job.pk))
    return deliver(made.job, by=by, address=wish.address)


def _made(frozen: FrozenRequest, *, by: Person, wish: Wish) -> Requested:
    """Give the job: that of an earlier call with the same key, whatever the rows are now."""
    known = made_before(frozen, by=by, wish=wish)
    if known is not None:
        return Requested(job=known, created=False)
    chosen = choose(frozen, by=by, background=wish.background)
    way = replace(wish, delivery=chosen.delivery, rows=chosen.rows, worker=worker_name())
    if chosen.delivery == Delivery.BACKGROUND:
        way = sized(way, frozen, by=by)
    return request_export(frozen, by=by, wish=way)


def sized(wish: Wish, frozen: FrozenRequest, *, by: Person | None) -> Wish:
    """Add about how many rows a background export will have: small ones go before large ones."""
    if wish.rows is not None:
        return wish
    return replace(wish, rows=samples.guess(build(frozen, by)))


def frozen_for(
    request: ExportRequest, *, by: Person | None, address: str = "", fetched: bool = False
) -> FrozenRequest:
    """Freeze a request; a person without the right is refused, and the log hears of it.

    Where the file is `fetched` right away, that right is asked for too: raises `DownloadRefused`.
    """
    try:
        frozen = freeze(request, by)
        if fetched and by is not None and not may_fetch(frozen, by):
            raise errors.DownloadRefused(field="resource", value=request.resource)
    except (errors.NotAllowed, errors.DownloadRefused) as refusal:
        refuse(request.resource, refusal, Actor.of(by, address))
        raise
    return frozen


def choose(frozen: FrozenRequest, *, by: Person, background: bool | None = None) -> Chosen:
    """Say which way an export goes.

    Who may start it but not fetch it always gets a job. Raises `TooMuch` where `background` is
    False and there are more rows than one response takes.
    """
    limits = conf.settings()
    if background is True or not may_fetch(frozen, by):
        return Chosen(delivery=Delivery.BACKGROUND, rows=None)
    most = limits.direct_rows if background is None else limits.direct_rows_forced
    rows = rows_up_to(most, frozen, by=by)
    if rows is not None:
        return Chosen(delivery=Delivery.DIRECT, rows=rows)
    if background is False:
        accepted = [f"async: true, or at most {most} rows"]
        raise errors.TooMuch(field="async", value=f"more than {most} rows", accepted=accepted)
    return Chosen(delivery=Delivery.BACKGROUND, rows=None)


def comes_at_once(frozen: FrozenRequest, rows: int, *, by: Person) -> bool:
    """Say whether an export of so many rows would be answered with its file."""
    return rows <= conf.settings().direct_rows and may_fetch(frozen, by)


def rows_up_to(most: int, frozen: FrozenRequest, *, by: Person) -> int | None:
    """Count the rows of a request, None where there are more than `most`; raises `TimeLimit`."""
    source = build(frozen, by).source
    with limited(source.db, seconds=conf.settings().count_seconds):
        rows = source.order_by()[: most + 1].count()
    return None if rows > most else rows


def may_fetch(frozen: FrozenRequest, by: Person) -> bool:
    """Say whether whoever starts this export may fetch its file too."""
    resource = frozen.request.resource
    intended = Intended(requester_id=by.pk, resource=resource)
    return bool(registry.get(resource).policy.can_download(by, intended))
