"""Brokers of this machine, with a queue of a test's own on each."""

import socket
import uuid
from dataclasses import dataclass

import pytest

from tests.plugins.required import require

__all__ = ["Broker", "broker"]

PORTS = {"rabbitmq": 5672, "redis": 6379}
URLS = {"rabbitmq": "amqp://guest:guest@127.0.0.1:5672//", "redis": "redis://127.0.0.1:6379/0"}


@dataclass(frozen=True)
class Broker:
    """A running broker and a queue that nobody else uses."""

    kind: str
    url: str
    queue: str


@pytest.fixture(params=sorted(PORTS))
def broker(request):
    """Run a test on each broker; the queue is removed after it."""
    with socket.socket() as probe:
        present = probe.connect_ex(("127.0.0.1", PORTS[request.param])) == 0
    require(present=present, why=f"no {request.param} answers")
    from kombu import Connection

    made = Broker(request.param, URLS[request.param], f"waybill-{uuid.uuid4().hex[:12]}")
    yield made
    with Connection(made.url) as connection:
        connection.default_channel.queue_delete(made.queue)
