"""A background export, from the claim to the published file."""

import logging
import os
import socket
import traceback
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from waybill import conf, errors, registry
from waybill.jobs import files, lease, line, settle
from waybill.jobs.lease import Claim
from waybill.states import Status
from waybill.store.names import content_type, download_name, new_key
from waybill.store.vault import vault
from waybill.values import Kept, Outcome
from waybill.work.heart import Heart, check_right
from waybill.work.notices import tell
from waybill.work.patience import patiently
from waybill.work.points import reached
from waybill.work.produce import Product, produced
from waybill.work.signals import stopping
from waybill.work.stop import Stop
from waybill.work.taxonomy import Shutdown, sorted_out

__all__ = ["answer", "run", "time_limit", "worker_name"]

logger = logging.getLogger(__name__)


def run(job_id: str) -> Outcome | None:
    """Run a queued export, if it is there to be run; None where it is not.

    Any number of calls for one job, at once or one after the other, make one run.
    """
    identity = UUID(job_id)
    return _run(lambda stop: _claimed(identity, stop))


def answer(rung_for: str) -> Outcome | None:
    """Answer a ring: run the export whose turn it is, whichever it was rung for.

    There is a ring for each that waits, so all come to their turn; None where none may run now.
    """
    identity = UUID(rung_for)
    return _run(lambda stop: _next_claimed(identity, stop))


def _run(claimed: Callable[[Stop], Claim | None]) -> Outcome | None:
    stop = Stop()
    # A signal counts from here on: one that came at the claim must not be heard after the run.
    with stopping(stop):
        held = claimed(stop)
        if held is None:
            return None
        logger.info("export started job=%s attempt=%d", held.job_id, held.attempt)
        outcome = _attempt(held, stop)
    tell(held.job_id)
    return outcome


def _claimed(identity: UUID, stop: Stop) -> Claim | None:
    patiently(lambda: lease.rescue(identity), until=stop)
    held = patiently(lambda: lease.claim(identity, worker=worker_name()), until=stop)
    if held is None:
        patiently(lambda: lease.watch(identity), until=stop)
    return held


def _next_claimed(identity: UUID, stop: Stop) -> Claim | None:
    patiently(lambda: lease.rescue(identity), until=stop)
    held = patiently(lambda: line.claim_next(worker=worker_name()), until=stop)
    if held is None or held.job_id != identity:
        patiently(lambda: lease.watch(identity), until=stop)
    return held


def worker_name() -> str:
    """Name this process: host and number."""
    return f"{socket.gethostname()[:80]}:{os.getpid()}"


def time_limit(held: Claim) -> float | None:
    """Give how many seconds an attempt may take, None for any time."""
    limit = registry.get(held.resource).time_limit
    return None if limit is None else limit.total_seconds()


def _attempt(held: Claim, stop: Stop) -> Outcome:
    try:
        return _published(held, stop)
    except BaseException as problem:
        outcome = _settled(held, stop.reason or problem)
        if isinstance(problem, SystemExit | KeyboardInterrupt):
            raise
        return outcome


def _published(held: Claim, stop: Stop) -> Outcome:
    reached("claimed", held.job_id)
    with (
        Heart(held, stop, limit=time_limit(held)) as heart,
        produced(held, heart, stop, by=check_right(held)) as product,
    ):
        kept, file_id = _announced(held, product)
        try:
            vault(kept.alias).keep(product.spool.path, kept)
            reached("stored", held.job_id)
            stop.check()
            _complete(held, product, file_id, heart)
        except BaseException:
            _withdraw(kept, file_id)
            raise
    reached("committed", held.job_id)
    logger.info("export completed job=%s rows=%d", held.job_id, product.written.rows)
    return Outcome(status=Status.COMPLETED, kept=kept, written=product.written)


def _announced(held: Claim, product: Product) -> tuple[Kept, int]:
    kept = Kept(
        alias=conf.settings().storage,
        key=new_key(held.job_id, product.plan),
        bytes=product.written.bytes,
        sha256=product.written.sha256,
    )
    file_id = patiently(
        lambda: files.announce(
            held,
            kept=kept,
            written=product.written,
            name=download_name(product.plan, held.requested_at),
            content_type=content_type(product.plan),
            receipt=product.receipt,
        )
    )
    reached("announced", held.job_id)
    return kept, file_id


def _complete(held: Claim, product: Product, file_id: int, heart: Heart) -> None:
    heart.finish()
    milliseconds = int(heart.seconds * 1000)

    def publish() -> None:
        try:
            settle.complete(
                held, written=product.written, file_id=file_id, milliseconds=milliseconds
            )
        except errors.LostRace:
            # The commit of a call before may have gone through without our hearing of it.
            if not files.is_published(file_id):
                raise

    patiently(publish)


def _withdraw(kept: Kept, file_id: int) -> None:
    """Remove what this attempt stored, unless it is published; the sweep does what fails here."""
    try:
        if files.withdraw(file_id):
            vault(kept.alias).remove(kept)
            files.gone(file_id)
    except Exception as problem:  # noqa: BLE001 - the first error is the one to be told
        logger.warning("withdrawal failed file=%d error=%s", file_id, type(problem).__name__)


def _settled(held: Claim, reason: BaseException) -> Outcome:
    if isinstance(reason, errors.Fenced | errors.LostRace):
        logger.warning("attempt superseded job=%s fence=%d", held.job_id, held.fence)
        patiently(lambda: files.fenced(held))
        return Outcome(status="", error=reason.code)
    if isinstance(reason, Shutdown | SystemExit | KeyboardInterrupt):
        logger.info("export handed back job=%s", held.job_id)
        patiently(lambda: settle.hand_back(held))
        return Outcome(status=Status.PENDING, error="interrupted")
    ours = sorted_out(reason)
    logger.warning(
        "export failed job=%s attempt=%d code=%s error=%s at=%s",
        held.job_id,
        held.attempt,
        ours.code,
        type(reason).__name__,
        _place(reason),
    )
    patiently(lambda: settle.fail_attempt(held, ours))
    return Outcome(status=Status.FAILED, error=ours.code)


def _place(reason: BaseException) -> str:
    """Say where it failed, without what it said: a message may hold a cell's value."""
    frames = traceback.extract_tb(reason.__traceback__)
    return " ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames[-3:])
