"""One MariaDB for a run of the tests, in a folder of its own, reached by a socket in it."""

import atexit
import contextlib
import functools
import getpass
import importlib.util
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from tests.plugins.required import require

__all__ = ["settings"]

START_SECONDS = 60

# The data is thrown away after the run, so nothing waits for the disk.
OPTIONS = (
    "--skip-networking",
    "--skip-log-bin",
    "--character-set-server=utf8mb4",
    "--default-time-zone=+00:00",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=128M",
    "--max-allowed-packet=64M",
    "--performance-schema=OFF",
)


def settings(name: str) -> dict[str, object]:
    """Give Django's setting for an empty database of that name; the first call starts the server.

    Skips where the server or its driver is not installed.
    """
    require(
        present=importlib.util.find_spec("MySQLdb") is not None,
        why="mysqlclient is not installed (requirements/mysql.txt)",
    )
    socket = start()
    admin = client(socket)
    with contextlib.closing(admin), admin.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    return {
        "ENGINE": "django.db.backends.mysql",
        "NAME": name,
        "USER": "root",
        "PASSWORD": "",
        "HOST": socket,
        "OPTIONS": {"charset": "utf8mb4"},
    }


@functools.cache
def start() -> str:
    """Start the server and give the path of its socket."""
    server = require(program="mariadbd")
    installer = require(program="mariadb-install-db")
    folder = Path(tempfile.mkdtemp(prefix="waybill-maria-"))
    data, socket = folder / "data", str(folder / "s")
    user = f"--user={getpass.getuser()}"
    subprocess.run(
        [installer, "--no-defaults", f"--datadir={data}", user, "--skip-test-db",
         "--auth-root-authentication-method=normal"],
        check=True, capture_output=True,
    )  # fmt: skip
    process = subprocess.Popen(
        [server, "--no-defaults", f"--datadir={data}", f"--socket={socket}",
         f"--pid-file={folder / 'pid'}",
         f"--log-error={folder / 'log'}", user, *OPTIONS],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    owner = os.getpid()

    @atexit.register
    def end() -> None:
        if os.getpid() == owner:
            process.terminate()
            process.wait()
            shutil.rmtree(folder, ignore_errors=True)

    wait(socket, process)
    return socket


def client(socket):
    """Connect as the server's own administrator."""
    import MySQLdb

    return MySQLdb.connect(unix_socket=socket, user="root", charset="utf8mb4")


def wait(socket, process):
    """Wait until the server answers."""
    import MySQLdb

    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            client(socket).close()
        except MySQLdb.OperationalError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("MariaDB did not start")
