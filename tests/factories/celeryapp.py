"""A host's Celery app, as a worker of the tests loads it."""

import os

import django
from celery import Celery
from django.apps import apps
from django.db import connection

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
    # As a host that looks something up while it starts: forked workers must not talk through it.
    connection.ensure_connection()
    app = host_app(os.environ["WAYBILL_TEST_BROKER"], os.environ["WAYBILL_TEST_QUEUE"])
