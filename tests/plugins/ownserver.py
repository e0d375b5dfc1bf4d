"""A PostgreSQL of one test's own, to be ended in the middle of things."""

import tempfile
from pathlib import Path

import pytest
from django.db import connections

from desk import embedded
from tests.plugins.jobdatabases import made, routed

__all__ = ["own_server"]

ALIAS = "own_server"
# What was committed must outlive the crash, as shipped. To have left the server is enough for that:
# only its processes are killed, the system that keeps its files goes on.
ROOM = {"max_connections": "600", "fsync": "off", "full_page_writes": "off"}


class OwnServer:
    """The server, and how it ends and comes back."""

    def __init__(self, server):
        self.server = server

    def crash(self):
        """End it as a power cut does: no connection is closed in order, nothing is checkpointed."""
        embedded._control(self.server, "stop", "-w", "-m", "immediate")

    def restart(self):
        """Have it back, after the recovery that such an end needs."""
        embedded.restart(self.server)


@pytest.fixture
def own_server(settings, transactional_db, django_db_blocker):
    """Route every query to a server of the test's own, with the tables that workers need."""
    # Not in pytest's own folder: as root the server runs as another user.
    with tempfile.TemporaryDirectory(prefix="desk-pg-", ignore_cleanup_errors=True) as folder:
        server = embedded.start(Path(folder) / "data", {**embedded.TUNING, **ROOM})
        at = {"NAME": "postgres", "USER": "postgres", "HOST": str(server.sockets)}
        try:
            with django_db_blocker.unblock():
                for alias in made(ALIAS, ENGINE="django.db.backends.postgresql", **at):
                    with routed(alias, settings):
                        yield OwnServer(server)
        finally:
            # Django's test case walls off every database it knows of, and later takes the walls
            # down again: it must not know of this one.
            connections[ALIAS].close()
            del connections[ALIAS]
            del connections.settings[ALIAS]
            embedded.stop(server)
