"""What people do to an export: cancel, retry, run again, delete now."""

from typing import Any

from django.db.models import F, Q
from django.db.models.functions import Now

from waybill import errors, registry
from waybill.declare.policy import Person, may_start
from waybill.jobs import bell, database, files, limits
from waybill.jobs.log import Actor
from waybill.jobs.moves import move
from waybill.jobs.request import Requested, Wish, refuse, request_export
from waybill.jobs.settle import ENDED, QUEUED
from waybill.models import ExportJob
from waybill.states import Delivery, Stage
from waybill.values import FrozenRequest

__all__ = ["cancel", "delete_now", "retry", "run_again"]


def cancel(job: ExportJob, *, by: Person | None, address: str = "") -> ExportJob:
    """Cancel a queued or running export; its worker notices within two beats.

    Raises `WrongMoment` where it has already ended.
    """
    return _move("cancel", job, Actor.of(by, address), changes=ENDED | {"fence": F("fence") + 1})


def retry(job: ExportJob, *, by: Person, address: str = "") -> ExportJob:
    """Queue a failed export again, with all its attempts. Counts as a start.

    Raises `WrongMoment`, `NotAllowed` or `RateLimited`.
    """
    actor = Actor.of(by, address)
    fresh: dict[str, Any] = {
        "attempt": 0,
        "crashes": 0,
        "interruptions": 0,
        "fence": F("fence") + 1,
        "not_before": None,
        "turn_at": Now(),
        "completed_at": None,
        "error_code": "",
        "error_message": "",
    }
    try:
        if not may_start(by, registry.get(job.resource)):
            raise errors.NotAllowed(field="resource", value=job.resource)
        with database.atomic():
            database.lock_person(by.pk)
            limits.accept(actor.key)
            alive = Q(delivery=Delivery.BACKGROUND, expires_at__gt=Now())
            moved = _move("retry", job, actor, where=alive, changes=QUEUED | fresh)
            bell.ring(job.pk)
    except (errors.NotAllowed, errors.RateLimited) as refusal:
        refuse(job.resource, refusal, actor)
        raise
    return moved


def run_again(job: ExportJob, *, by: Person, address: str = "") -> Requested:
    """Ask for the same as an ended export once more, as an export of its own."""
    frozen = FrozenRequest.from_json(job.frozen)
    wish = Wish(
        address=address,
        email_notification=job.email_notification,
        again_of=job,
        rows=job.total_items,
    )
    fresh = FrozenRequest(
        request=frozen.request,
        resolved=frozen.resolved,
        words=frozen.words,
        requested_at=database.clock(),
    )
    return request_export(fresh, by=by, wish=wish)


def delete_now(job: ExportJob, *, by: Person | None, address: str = "") -> ExportJob:
    """Withdraw a completed export's file at once; the sweep removes what is stored.

    Raises `WrongMoment` where there is no file to withdraw.
    """
    with database.atomic():
        moved = _move("delete", job, Actor.of(by, address), changes={"stage": Stage.DONE})
        files.give_up(moved.file_id)
        return moved


def _move(
    name: str, job: ExportJob, actor: Actor, *, changes: dict[str, Any], where: Q | None = None
) -> ExportJob:
    try:
        return move(name, job.pk, where=where, changes=changes, line={"actor": actor})
    except errors.LostRace:
        raise errors.WrongMoment(field="status", value=name) from None
