"""The only way a job's status changes: a guarded update with its line in the same transaction."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q

from waybill import errors
from waybill.jobs import database, log, turns
from waybill.models import ExportJob
from waybill.states import MOVES, Status

__all__ = ["move"]


def move(
    name: str,
    job_id: UUID,
    *,
    where: Q | None = None,
    changes: Mapping[str, Any] | None = None,
    line: Mapping[str, Any] | None = None,
) -> ExportJob:
    """Make a move of the table `MOVES`, if the job still stands where the move begins.

    `where` narrows the guard (a fence, a lease), `changes` are other fields set by the same
    update, `line` what the log's line says beside its event. Returns the job as it is now.
    Raises `LostRace` and changes nothing where the job has moved on.
    """
    step = MOVES[name]
    jobs = ExportJob.objects.using(database.alias()).filter(pk=job_id)
    with database.atomic():
        guarded = jobs.filter(where or Q(), status__in=step.sources)
        if not guarded.update(**{**(changes or {}), "status": step.target}):
            raise errors.LostRace(f"move={name} job={job_id}")
        # Read before the line is added: nothing waits for the site's chain longer than it must.
        job = jobs.get()
        log.append(job_id, log.Line(step.event, **(line or {})))
        if Status.PROCESSING in step.sources:
            turns.wake_next_of(job)
        return job
