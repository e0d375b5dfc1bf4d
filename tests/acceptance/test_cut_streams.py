"""A file that breaks off on its way, as a client on a plain socket sees it."""

import socket
import subprocess
import sys

import pytest

from desk.people.tokens import create_token
from desk.tickets.models import Ticket
from tests.factories.workers import environment, until
from tests.plugins.desk_up import free_port
from waybill.jobs import queries
from waybill.models import ExportJob

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder"),
    pytest.mark.timeout(240),
]

BODY = b'{"columns": ["id", "description"]}'
VERSIONS = ("1.1", "1.0")


@pytest.fixture
def web(transactional_db):
    """Desk's own web server on the test's database; it waits 3 s for a client that stalls."""
    port = free_port()
    command = [
        sys.executable, "-m", "gunicorn", "desk.wsgi:application", "--bind", f"127.0.0.1:{port}",
        "-w", "1", "--threads", "4", "--timeout", "0", "--log-level", "critical",
        "--no-control-socket",
    ]  # fmt: skip
    variables = environment() | {"DESK_SEND_SECONDS": "3"}
    process = subprocess.Popen(command, env=variables, stderr=subprocess.DEVNULL)
    until(lambda: _answers(port))
    yield port
    process.terminate()
    process.wait()


def _answers(port):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


@pytest.fixture
def asked(web, ada):
    """Start a direct export of some 15 MB, far more than the buffers between two sockets hold."""
    text = "x" * 50_000
    Ticket.objects.bulk_create(
        Ticket(ticket_code=f"TCK-{number}", subject="s", description=text) for number in range(300)
    )
    _token, secret = create_token(ada, name="socket", by=None)
    lines = []

    def ask(version):
        line = socket.socket()
        lines.append(line)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        line.settimeout(120)
        line.connect(("127.0.0.1", web))
        head = (
            f"POST /api/v1/tickets/export HTTP/{version}\r\nHost: testserver\r\n"
            f"Authorization: Bearer {secret}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(BODY)}\r\n\r\n"
        )
        line.sendall(head.encode() + BODY)
        return line

    yield ask
    for line in lines:
        line.close()


def head_of(line):
    """Read the head of an answer; gives its headers, and what came of the body already."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += line.recv(1024)
    head, _end, rest = read.partition(b"\r\n\r\n")
    status, *fields = head.decode().split("\r\n")
    assert status.split()[1] == "200", status
    return dict(field.lower().split(": ", 1) for field in fields), len(rest)


def rest_of(line, wanted):
    """Read on until `wanted` bytes or the end; gives how many there were."""
    count = 0
    try:
        while count < wanted and (piece := line.recv(256 * 1024)):
            count += len(piece)
    except ConnectionResetError:
        pass
    return count


def failed():
    job = ExportJob.objects.get()
    return queries.get(job.pk) if job.status == "failed" else None


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_that_reads_gets_the_length_it_was_told(version, asked):
    line = asked(version)
    headers, begun = head_of(line)
    length = int(headers["content-length"])
    assert length > 15_000_000
    assert begun + rest_of(line, length - begun) == length
    assert until(lambda: ExportJob.objects.get().status == "completed")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_that_stalls_is_cut_off_and_sees_it(version, asked):
    line = asked(version)
    headers, begun = head_of(line)
    job = until(failed)
    length = int(headers["content-length"])
    assert begun + rest_of(line, length) < length
    assert (job.error_code, job.delivery) == ("stream_lost", "direct")
    assert job.file is None


@pytest.mark.parametrize("version", VERSIONS)
def test_a_client_that_goes_away_leaves_a_failed_job(version, asked):
    line = asked(version)
    head_of(line)
    line.close()
    assert until(failed).error_code == "stream_lost"
