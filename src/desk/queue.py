"""Desk's Celery app, for fleets of workers (`QUEUE_URL`): `celery -A desk.queue worker`."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.settings")

from celery import Celery

__all__ = ["app", "made", "ring"]

PRIORITIES = 10


def made(broker: str, queue: str) -> Celery:
    """Make the app for a broker's address and the name of a queue."""
    app = Celery("desk", broker=broker)
    app.conf.update(
        task_default_queue=queue,
        task_queue_max_priority=PRIORITIES,
        # One ring at a time: a busy worker holds none back that an idle one could take.
        worker_prefetch_multiplier=1,
        task_acks_late=True,
        # A worker that exports does not answer for minutes; its lease shows if it lives.
        broker_heartbeat=0,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
    )
    app.autodiscover_tasks(["waybill.contrib"], "celery")
    return app


app = made(os.environ.get("QUEUE_URL", ""), os.environ.get("QUEUE_NAME") or "desk-exports")
# The current app is one of each thread; web servers ring from many.
app.set_default()


def ring(job_id: str, *, delay: float = 0, priority: int = 0) -> None:
    """Wake a worker for a job, through the app of this module."""
    from waybill.contrib import celery as bell

    bell.ring(job_id, delay=delay, priority=priority)
