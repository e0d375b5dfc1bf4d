"""The doorbell through Celery, for fleets on RabbitMQ or Redis.

```python
WAYBILL = {"doorbell": "waybill.contrib.celery.ring"}
```
The host's Celery app finds the task by `app.autodiscover_tasks(["waybill.contrib"], "celery")`.
Celery's own retries and late acknowledgement are not needed: the job's row is the truth.
"""

from typing import Any

from celery import current_app, shared_task
from celery.signals import worker_process_init, worker_process_shutdown

from waybill.work.presence import Presence
from waybill.work.run import answer

__all__ = ["ring", "run_export"]

HIGHEST = 9  # RabbitMQ takes the highest of 0 to 9 first, Redis the lowest


@shared_task(name="waybill.run_export", ignore_result=True)  # type: ignore[untyped-decorator]
def run_export(job_id: str) -> None:
    """Run the export whose turn it is."""
    answer(job_id)


def ring(job_id: str, *, delay: float = 0, priority: int = 0) -> None:
    """Send the task for a job, to be taken up after `delay` seconds."""
    behind = min(HIGHEST, -priority)
    lowest_first = str(current_app.conf.broker_url or "").startswith("redis")
    run_export.apply_async(
        (job_id,),
        countdown=delay or None,
        priority=behind if lowest_first else HIGHEST - behind,
        retry=False,
    )


_here: list[Presence] = []


@worker_process_init.connect  # type: ignore[untyped-decorator]
def begin(**_: Any) -> None:
    """Say that this process of a pool is there."""
    _here.append(Presence().__enter__())


@worker_process_shutdown.connect  # type: ignore[untyped-decorator]
def end(**_: Any) -> None:
    """Say that it leaves."""
    while _here:
        _here.pop().__exit__(None, None, None)
