"""Jobs at every point of their way, without a worker."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

from django.db import connections

from waybill import errors
from waybill.jobs import control, database, files, lease, queries, settle
from waybill.jobs.request import Wish, request_export
from waybill.models import ExportJob
from waybill.plan.freeze import freeze
from waybill.states import Status
from waybill.values import ExportRequest, Kept, Written

__all__ = [
    "RINGS",
    "WRITTEN",
    "claimed",
    "events",
    "finished",
    "heard",
    "overdue",
    "requested",
    "standing",
    "stored",
    "together",
]

ALL = ExportRequest(resource="parcels")
WRITTEN = Written(rows=7, bytes=70, sha256="ab" * 32, blocks=())

RINGS = []


def heard(job_id, *, delay=0, priority=0):
    """Note a ring."""
    RINGS.append((job_id, delay, priority))


def requested(person, *, request=ALL, **wish):
    """Make a job that no limit a minute counts."""
    frozen = freeze(request, person)
    return request_export(frozen, by=person, wish=Wish(counted=False, **wish)).job


def claimed(person, **wish):
    return lease.claim(requested(person, **wish).pk, worker="w1")


def overdue(job_id):
    """Let the lease of a job be over by the database's clock."""
    ago = database.clock().replace(year=2020)
    ExportJob.objects.filter(pk=job_id).update(lease_until=ago)


def stored(held):
    kept = Kept(alias="", key=f"exports/{held.job_id}/{uuid.uuid4().hex}-a.csv", bytes=1, sha256="")
    return files.announce(
        held, kept=kept, written=WRITTEN, name="a.csv", content_type="text/csv", receipt=RECEIPT
    )


# As much of a receipt as the pages read: which columns the file holds in clear.
RECEIPT = {"columns": [{"key": "id"}], "masks": []}


def finished(held):
    return settle.complete(held, written=WRITTEN, file_id=stored(held), milliseconds=5)


def together(calls):
    """Run calls at the same moment, each in a thread with a connection of its own."""
    gate = threading.Barrier(len(calls))

    def one(call):
        gate.wait()
        try:
            return call()
        except errors.WaybillError as problem:
            return problem
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def events(job):
    return [line.event for line in queries.log_of(job)]


def standing(person, status):
    """Bring a job to a status by the moves there are."""
    job = requested(person)
    if status == Status.CANCELED:
        return control.cancel(job, by=person)
    if status == Status.PENDING:
        return job
    held = lease.claim(job.pk, worker="w")
    if status == Status.FAILED:
        settle.fail(job.pk, errors.RowFailed(column="x"))
    if status in {Status.COMPLETED, Status.EXPIRED}:
        job = finished(held)
    if status == Status.EXPIRED:
        control.delete_now(job, by=person)
    return queries.get(job.pk)
