"""Exports through Celery on a real RabbitMQ and a real Redis."""

import signal
import socket
import subprocess
import sys
import uuid

import pytest

from tests.factories.workers import environment, until
from tests.plugins.required import require
from waybill.jobs import queries

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

BROKERS = {
    "rabbitmq": ("amqp://guest:guest@127.0.0.1:5672//", 5672),
    "redis": ("redis://127.0.0.1:6379/0", 6379),
}


@pytest.fixture(params=sorted(BROKERS))
def celery(request, settings):
    """Ring through a broker, with one Celery worker on a queue of the test's own."""
    pytest.importorskip("celery")
    address, port = BROKERS[request.param]
    with socket.socket() as probe:
        present = probe.connect_ex(("127.0.0.1", port)) == 0
    require(present=present, why=f"no {request.param} answers")
    queue = f"waybill-{uuid.uuid4().hex[:12]}"
    bell = {"doorbell": "waybill.contrib.celery.ring"}
    settings.WAYBILL = {**settings.WAYBILL, **bell}
    from tests.factories.celeryapp import host_app

    host = host_app(address, queue)
    worker = start_worker(bell, {"WAYBILL_TEST_BROKER": address, "WAYBILL_TEST_QUEUE": queue})
    yield worker
    worker.kill()
    worker.wait()
    with host.connection_for_write() as connection:
        connection.default_channel.queue_delete(queue)
    host.close()


def start_worker(bell, variables):
    command = f"{sys.executable} -m celery -A tests.factories.celeryapp worker --pool solo"
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
    assert celery.wait(15) == 0
