"""The stages that every export has: rights of now, plan, one snapshot, one spooled file."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from waybill.declare.policy import Person
from waybill.jobs.lease import Claim
from waybill.plan.build import build
from waybill.read.snapshot import snapshot
from waybill.store.receipt import facts
from waybill.store.seal import sign
from waybill.store.spool import Spool, spooled
from waybill.values import Plan, Written
from waybill.work.heart import Heart
from waybill.work.points import reached
from waybill.work.stop import Stop
from waybill.write.encode import encode

__all__ = ["Product", "produced"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A finished local file with its signed receipt."""

    plan: Plan
    spool: Spool
    written: Written
    receipt: dict[str, Any]


@contextmanager
def produced(
    held: Claim, heart: Heart, stop: Stop, *, by: Person | None, at_once: bool = False
) -> Iterator[Product]:
    """Write the file of an attempt; it is gone after the block unless it was moved away.

    `by` is the requester with the rights of now, None the system; `at_once` is for an export that
    somebody waits for. The snapshot ends before the block begins: storing takes its time without
    one. Raises `RightLost`, `RunFailed`, or the reason of the stop.
    """
    plan = build(held.frozen, by, at_once=at_once)
    with spooled(held.job_id, held.fence) as spool:
        with snapshot(plan, begun=stop.wakes, alone=at_once) as source:
            stop.wakes(source.stop)
            heart.count(source.snapshot.count)
            reached("counted", held.job_id)

            def progress(rows: int) -> None:
                heart.at(rows)
                reached("rows", held.job_id, rows=rows)

            # The spool bounds the file; the rows in it are bounded alike before they are packed.
            written = encode(source, plan, spool, most=spool.limit, progress=progress)
        stop.check()
        heart.store()
        reached("written", held.job_id)
        receipt = sign(facts(plan, source.snapshot, written) | {"export_id": str(held.job_id)})
        yield Product(plan=plan, spool=spool, written=written, receipt=receipt)
