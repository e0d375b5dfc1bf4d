"""The doorbell through Celery, for fleets on RabbitMQ or Redis.

```python
WAYBILL = {"doorbell": "waybill.contrib.celery.ring"}
```
The host's Celery app finds the task by `app.autodiscover_tasks(["waybill.contrib"], "celery")`.
Celery's own retries and late acknowledgement are not needed: the job's row is the truth.
"""

from celery import shared_task

from waybill.work.run import run

__all__ = ["ring", "run_export"]

HIGHEST = 9  # RabbitMQ's usual range is 0 to 9, the highest first


@shared_task(name="waybill.run_export", ignore_result=True)  # type: ignore[untyped-decorator]
def run_export(job_id: str) -> None:
    """Run an export, if it is there to be run."""
    run(job_id)


def ring(job_id: str, *, delay: float = 0, priority: int = 0) -> None:
    """Send the task for a job, to be taken up after `delay` seconds."""
    run_export.apply_async(
        (job_id,), countdown=delay or None, priority=max(0, HIGHEST + priority), retry=False
    )
