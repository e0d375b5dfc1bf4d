"""Take the export whose turn it is."""

from uuid import UUID

from waybill.jobs import database, lease, turns
from waybill.jobs.lease import Claim

__all__ = ["claim_next"]

LOOKED_AT = 10  # of several workers that look at once each gets another one
ROUNDS = 20


def claim_next(*, worker: str) -> Claim | None:
    """Claim the first export in the line whose person may have one more running, if there is one.

    The limit of a person is exact: of two workers, the second counts after the first has claimed.
    """
    for _round in range(ROUNDS):
        first = turns.next_in_line(LOOKED_AT).values_list("pk", "requester_id", "requester_key")
        found = list(first)
        for job_id, person, key in found:
            held = _claimed(job_id, person, key, worker)
            if held is not None:
                return held
        if not found:
            return None
    return None


def _claimed(job_id: UUID, person: int | None, key: str, worker: str) -> Claim | None:
    with database.atomic():
        if person is not None:
            database.lock_person(person)
        if not turns.room_for(key):
            return None
        return lease.claim(job_id, worker=worker)
