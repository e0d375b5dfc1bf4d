"""Exports through Celery on a real RabbitMQ and a real Redis."""

import signal
import subprocess
import sys

import pytest

from tests.factories.workers import environment, until
from waybill.contrib.celery import ring
from waybill.jobs import queries

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]


@pytest.fixture
def celery(request, broker, settings):
    """Ring through a broker, with one Celery worker on a queue of the test's own."""
    bell = {"doorbell": "waybill.contrib.celery.ring"}
    settings.WAYBILL = {**settings.WAYBILL, **bell}
    from tests.factories.celeryapp import host_app

    host = host_app(broker.url, broker.queue)
    variables = {"WAYBILL_TEST_BROKER": broker.url, "WAYBILL_TEST_QUEUE": broker.queue}
    worker = start_worker(bell, variables, getattr(request, "param", "--pool solo"))
    yield worker
    worker.terminate()  # the processes of a pool would outlive its end by force
    worker.wait(60)
    host.close()


def start_worker(bell, variables, pool):
    command = f"{sys.executable} -m celery -A tests.factories.celeryapp worker {pool}"
    return subprocess.Popen(
        [*command.split(), "--loglevel", "error", "--without-gossip", "--without-mingle"],
        env=environment(**bell) | variables,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_a_celery_worker_completes_exports(parcels, celery, start):
    jobs = [start() for _ in range(3)]
    for job in jobs:
        until(lambda job=job: queries.get(job.pk).status == "completed", 90)
        assert queries.get(job.pk).file.sha256 == parcels.sha256
    celery.send_signal(signal.SIGTERM)
    assert celery.wait(60) == 0


@pytest.mark.parametrize("celery", ["--pool prefork --concurrency 2"], indirect=True)
def test_forked_workers_share_no_connection(parcels, celery, start):
    """FAULTS 19: the process that forks them has a connection open; each opens its own."""
    jobs = [start() for _ in range(6)]
    for job in jobs:
        until(lambda job=job: queries.get(job.pk).status == "completed", 90)
    done = [queries.get(job.pk) for job in jobs]
    assert {job.attempt for job in done} == {1}
    assert {job.file.sha256 for job in done} == {parcels.sha256}
    assert len({job.worker for job in done}) == 2


def test_the_next_export_of_somebody_with_many_waits_behind_the_first_ones_of_others(broker):
    """A person's place in the queue counts on every broker, whichever end it calls high."""
    from kombu import Connection

    from desk.queue import made

    app = made(broker.url, broker.queue)
    app.set_current()
    for job_id, behind in (("many-9", 9), ("many-3", 3), ("first", 0)):
        ring(job_id, priority=-behind)
    with Connection(broker.url) as connection:
        heard = []
        with connection.Consumer(app.amqp.queues[broker.queue], no_ack=True) as consumer:
            consumer.register_callback(lambda body, message: heard.append(body[0][0]))
            consumer.qos(prefetch_count=1)
            while len(heard) < 3:
                connection.drain_events(timeout=30)
    app.close()
    assert heard == ["first", "many-3", "many-9"]
