"""A pgbouncer in transaction mode before the run's PostgreSQL."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.plugins.required import require

__all__ = ["bouncer"]

# Few connections for many clients, so that what outlives a transaction meets another client's.
SETTINGS = """
[databases]
* = host={host} port={port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listen}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 4
min_pool_size = 4
server_lifetime = 3
logfile = {folder}/log
pidfile = {folder}/pid
"""


@pytest.fixture
def bouncer(other_database):
    """Give the address of an empty database, by way of the pool."""
    program = require(program=shutil.which("pgbouncer", path=PATH) or "pgbouncer")
    at = urlsplit(other_database)
    said = parse_qs(at.query)
    folder = Path(tempfile.mkdtemp(prefix="desk-bouncer-"))
    listen = free_port()
    file = folder / "pgbouncer.ini"
    host, port = said.get("host", [at.hostname])[0], said.get("port", [at.port or 5432])[0]
    file.write_text(SETTINGS.format(host=host, port=port, listen=listen, folder=folder))
    # It refuses to run as root, and the server's socket is its owner's alone.
    owner = pwd.getpwuid(Path(host).stat().st_uid).pw_name if Path(host).is_dir() else "nobody"
    user = ["--user", owner] if os.geteuid() == 0 else []
    folder.chmod(0o777)
    process = subprocess.Popen([program, "--quiet", *user, file])
    try:
        wait_for(listen, process, folder)
        yield f"postgresql://postgres@127.0.0.1:{listen}{at.path}"
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder)


PATH = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process, folder):
    for _ in range(600):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None, (folder / "log").read_text()
        time.sleep(0.05)
    raise AssertionError("pgbouncer does not answer")
