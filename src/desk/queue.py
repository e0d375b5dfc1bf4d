"""Desk's Celery app, for fleets of workers: `celery -A desk.queue worker` (`QUEUE_URL`)."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.settings")

from celery import Celery

__all__ = ["app"]

app = Celery("desk", broker=os.environ.get("QUEUE_URL", ""))
app.conf.task_default_queue = "desk-exports"
app.conf.broker_connection_retry_on_startup = True
app.autodiscover_tasks(["waybill.contrib"], "celery")
