"""The doorbell through Django's task framework: any backend, django-tasks-db by default."""

from datetime import timedelta

from django.tasks import task, task_backends
from django.utils import timezone

from waybill import conf
from waybill.work.run import answer

__all__ = ["ring", "run_export"]


@task
def run_export(job_id: str) -> None:
    """Run the export whose turn it is."""
    answer(job_id)


def ring(job_id: str, *, delay: float = 0, priority: int = 0) -> None:
    """Put a task for a job into the queue, to be taken up after `delay` seconds.

    A backend that cannot defer gets no delayed ring: there the sweep does that work.
    """
    settings = conf.settings()
    backend = task_backends[settings.tasks_backend]
    if delay and not backend.supports_defer:
        return
    run_export.using(
        backend=settings.tasks_backend,
        queue_name=settings.tasks_queue,
        priority=priority if backend.supports_priority else None,
        run_after=timezone.now() + timedelta(seconds=delay) if delay else None,
    ).enqueue(job_id)
