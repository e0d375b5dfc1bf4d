"""A frozen request becomes a job: rights, limit, idempotency, first line, doorbell."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from waybill import conf, errors, registry
from waybill.declare.policy import Person, may_start
from waybill.jobs import bell, database, lease, limits, log, turns
from waybill.jobs.log import Actor, Line
from waybill.jobs.wait import LOWEST_RANK
from waybill.models import ExportJob, ExportLog
from waybill.states import Delivery, Event, Status
from waybill.values import ExportRequest, FrozenRequest, Json

__all__ = ["Requested", "Wish", "made_before", "refuse", "request_export"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """How an export is wanted, beside what is in it.

    `counted` is False where no limit a minute applies (the command line). `key` is the
    Idempotency-Key of the call; two calls with it and the same body are one export. `asked` is
    that body, as it came: what a view or the person adds to it may change between two calls,
    None where nothing adds to it. `background`
    is what the caller said of the way, `delivery` the way it goes: that may differ between two
    calls, as rows come and go. `rows` is about how many there will be, None where nobody knows.
    `worker` is the process that writes a direct export, whose job is claimed as it is made.
    """

    delivery: Delivery = Delivery.BACKGROUND
    background: bool | None = None
    address: str = ""
    key: str = ""
    asked: ExportRequest | None = None
    email_notification: bool = True
    counted: bool = True
    rows: int | None = None
    worker: str = ""
    again_of: ExportJob | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """The job of a request, and whether this request made it."""

    job: ExportJob
    created: bool


def request_export(
    frozen: FrozenRequest, *, by: Person | None, wish: Wish | None = None
) -> Requested:
    """Make the job of a request and wake a worker for it.

    Raises `NotAllowed`, `RateLimited`, or `KeyReused` where the key came with another body
    before. A refusal is logged; nothing else of it stays.
    """
    wanted = wish or Wish()
    actor = Actor.of(by, wanted.address)
    try:
        return _request(frozen, by, wanted, actor)
    except (errors.NotAllowed, errors.RateLimited) as refusal:
        refuse(frozen.request.resource, refusal, actor)
        raise


def made_before(frozen: FrozenRequest, *, by: Person | None, wish: Wish) -> ExportJob | None:
    """Give the job that an earlier call with the same key made; raises `KeyReused`."""
    known = _same(Actor.of(by), wish, _digest(frozen.request, wish))
    return None if known is None or _in_vain(known) else known


def _request(frozen: FrozenRequest, by: Person | None, wish: Wish, actor: Actor) -> Requested:
    if not may_start(by, registry.get(frozen.request.resource)):
        raise errors.NotAllowed(field="resource", value=frozen.request.resource)
    with database.atomic():
        if by is not None:
            database.lock_person(by.pk)
        digest = _digest(frozen.request, wish)
        known = _same(actor, wish, digest)
        if known is not None and not _in_vain(known):
            return Requested(job=known, created=False)
        if known is not None:
            _release_key(known)
        if by is not None and wish.counted:
            limits.accept(actor.key)
        asked = Line(Event.INITIATED, actor=actor, details=_said(frozen, wish))
        if wish.delivery == Delivery.DIRECT:
            job = _create(frozen, by, wish, digest, **lease.begun(worker=wish.worker))
            log.append(job.pk, asked, Line(Event.PROCESSING))
            return Requested(job=job, created=True)
        job = _create(frozen, by, wish, digest)
        log.append(job.pk, asked)
        earlier = turns.stand_in_line(job, rows=wish.rows)
        bell.ring(job.pk, priority=-min(LOWEST_RANK, earlier))
    return Requested(job=job, created=True)


def _create(
    frozen: FrozenRequest, by: Person | None, wish: Wish, digest: str, **begun: Any
) -> ExportJob:
    request = frozen.request
    retention: timedelta = registry.get(request.resource).retention
    actor = Actor.of(by)
    return ExportJob.objects.using(database.alias()).create(
        resource=request.resource,
        format=request.format,
        delivery=wish.delivery,
        requester_id=by.pk if by is not None else None,
        requester_key=actor.key,
        requester_label=actor.label,
        view_name=request.view[:200],
        frozen=frozen.to_json(),
        again_of=wish.again_of,
        requested_at=frozen.requested_at,
        expires_at=frozen.requested_at + retention,
        email_notification=wish.email_notification and wish.delivery == Delivery.BACKGROUND,
        idempotency_key=wish.key or None,
        request_digest=digest,
        **begun,
    )


def _same(actor: Actor, wish: Wish, digest: str) -> ExportJob | None:
    if not wish.key:
        return None
    jobs = ExportJob.objects.using(database.alias())
    job = jobs.filter(requester_key=actor.key, idempotency_key=wish.key).first()
    if job is not None and job.request_digest != digest:
        raise errors.KeyReused(field="Idempotency-Key", value=wish.key)
    return job


def _in_vain(job: ExportJob) -> bool:
    """Say whether a call has nothing of its export: sent at once or never, and nobody retries it.

    Its key is good for another try, as `Retry-After` asks for.
    """
    return job.delivery == Delivery.DIRECT and job.status == Status.FAILED


def _release_key(job: ExportJob) -> None:
    jobs = ExportJob.objects.using(database.alias())
    jobs.filter(pk=job.pk).update(idempotency_key=None)


def _digest(request: ExportRequest, wish: Wish) -> str:
    body = (wish.asked or request).to_json()
    body |= {"async": wish.background, "mail": wish.email_notification}
    return hashlib.sha256(json.dumps(body, sort_keys=True, default=str).encode()).hexdigest()


def _said(frozen: FrozenRequest, wish: Wish) -> Mapping[str, Json]:
    return {"format": frozen.request.format, "delivery": str(wish.delivery)}


def refuse(resource: str, refusal: errors.WaybillError, actor: Actor) -> None:
    """Log a refusal; of the same one to the same person, one line a window."""
    with database.atomic():
        if actor.key:
            database.lock_person(actor.key)
        since = database.clock() - timedelta(seconds=conf.settings().starts_window_seconds)
        told = ExportLog.objects.using(database.alias()).filter(
            event=Event.REFUSED,
            actor_key=actor.key,
            resource=resource,
            message=refusal.code,
            created_at__gt=since,
        )
        if not told.exists():
            line = Line(Event.REFUSED, actor=actor, resource=resource, message=refusal.code)
            log.append_site(line)
