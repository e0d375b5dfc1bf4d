"""An export and its log as the API gives them."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from waybill.declare.policy import Person
from waybill.jobs import queries, wait
from waybill.models import ExportJob, ExportLog
from waybill.shortid import to_short
from waybill.states import Delivery, Status

__all__ = ["accepted", "address_of", "job_as_json", "line_as_json"]


def address_of(request: HttpRequest, name: str, job: ExportJob) -> str:
    """Give the absolute address of one of an export's operations."""
    path = reverse(f"waybill-api:{name}", kwargs={"export_id": to_short(job.pk)})
    return request.build_absolute_uri(path)


def job_as_json(request: HttpRequest, job: ExportJob, *, by: Person) -> dict[str, Any]:
    """Give what a person may know of an export that they see."""
    asked = job.frozen["request"]
    file = job.file
    return {
        "export_id": to_short(job.pk),
        "resource_type": job.resource,
        "format": job.format,
        "status": job.status,
        "stage": job.stage,
        "percent": _percent(job),
        "attempt": job.attempt,
        "delivery": job.delivery,
        "columns": list(asked["columns"] or ()),
        "filters": asked["filters"],
        "error": _error(job),
        "downloads": job.downloads,
        "email_sent_at": job.email_sent_at,
        "total_items": job.total_items,
        "exported_items": job.exported_items,
        "failed_items": job.failed_items,
        "success_rate": _success_rate(job),
        "message": _message(job),
        "created_at": job.requested_at,
        "started_at": job.started_at,
        "completed_at": job.completed_at,
        "expires_at": job.expires_at,
        "file_size": file.bytes if file else None,
        "sha256": file.sha256 if file else None,
        "download_url": _download_url(request, job, by),
    }


def line_as_json(line: ExportLog) -> dict[str, Any]:
    """Give a line of a log."""
    names = "event message processed_items current_batch total_batches duration_ms actor created_at"
    return {name: getattr(line, name) for name in names.split()}


def accepted(request: HttpRequest, job: ExportJob) -> dict[str, Any]:
    """Give the answer to a background export."""
    seconds = wait.estimated_seconds(job)
    minutes = -(-seconds // 60)
    words = (
        ngettext("about %d second", "about %d seconds", seconds) % seconds
        if seconds < 60
        else ngettext("about %d minute", "about %d minutes", minutes) % minutes
    )
    return {
        "export_id": to_short(job.pk),
        "status": job.status,
        "message": _message(job),
        "estimated_wait": {"seconds": seconds, "words": words},
        "status_url": address_of(request, "status", job),
        "logs_url": address_of(request, "logs", job),
    }


def _percent(job: ExportJob) -> int:
    if job.status in {Status.COMPLETED, Status.EXPIRED}:
        return 100
    # The last percent is the file's: counted, written and not yet stored is 99.
    return min(99, 100 * job.exported_items // job.total_items) if job.total_items else 0


def _success_rate(job: ExportJob) -> float | None:
    tried = job.exported_items + job.failed_items
    return 100 * job.exported_items / tried if tried else None


def _error(job: ExportJob) -> dict[str, str] | None:
    if not job.error_code:
        return None
    return {"code": job.error_code, "message": job.error_message}


def _message(job: ExportJob) -> str:
    if job.status == Status.FAILED:
        return job.error_message
    if job.status == Status.PROCESSING and job.total_items:
        facts = {"rows": job.exported_items, "total": job.total_items}
        return _("%(rows)d of %(total)d rows") % facts
    return str(job.get_status_display())


def _download_url(request: HttpRequest, job: ExportJob, by: Person) -> str | None:
    fetchable = job.status == Status.COMPLETED and job.delivery == Delivery.BACKGROUND
    if not (fetchable and queries.may_download(job, by=by)):
        return None
    return address_of(request, "download", job)
