"""A host's Celery app, as a worker of the tests loads it."""

import os

import django
from celery import Celery
from django.apps import apps

__all__ = ["host_app"]

if not apps.ready:
    django.setup()


def host_app(broker, queue):
    """Make the app."""
    made = Celery("host", broker=broker, set_as_current=True)
    made.conf.task_default_queue = queue
    made.conf.broker_connection_retry_on_startup = True
    made.autodiscover_tasks(["waybill.contrib"], "celery", force=True)
    return made


if "WAYBILL_TEST_QUEUE" in os.environ:
    app = host_app(os.environ["WAYBILL_TEST_BROKER"], os.environ["WAYBILL_TEST_QUEUE"])
