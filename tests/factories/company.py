"""Desk for a company: a host of stores, two web hosts, three workers, on a network of a test."""

import os
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import psycopg

from desk import embedded
from tests.factories.httpclient import Caller
from tests.plugins.desk_up import wait_for
from tests.plugins.postgres import SETTINGS
from tests.plugins.required import require
from tests.plugins.stores import Bucket

__all__ = ["Company", "company"]

KEYS = ("SECRET_KEY", "DESK_AUDIT_KEY", "DESK_SIGNING_KEY")
TICKETS = 12_000
WORKER = "-m celery --quiet -A desk.queue worker --pool solo --loglevel warning --without-gossip"
WEB = "-m gunicorn desk.wsgi:application --threads 8 --no-control-socket --bind"


class Company:
    """All hosts of it, and what a test may see of them."""

    def __init__(self, network, folder):
        self.folder = folder
        self.stores = network.host("stores")
        self.webs = [network.host(f"web{number}") for number in (1, 2)]
        self.workers = [network.host(f"work{number}") for number in (1, 2, 3)]
        self.at = self.stores.address
        self.server = None
        self.bucket = None

    def start_stores(self):
        """Start the database, the broker and the object store on their one host."""
        tuned = {**SETTINGS, "listen_addresses": self.at}
        self.server = self.stores.inside(lambda: embedded.start(self.folder / "postgres", tuned))
        with (self.server.data / "pg_hba.conf").open("a") as rules:
            rules.write("host all all samenet trust\n")
        embedded._control(self.server, "reload")
        redis = f"{require(program='redis-server')} --bind {self.at} --port 6379 --save ''"
        self._start(self.stores, *redis.split(), "--protected-mode", "no", name="redis")
        s3 = f"-m moto.server -H {self.at} -p 5000"
        self._start(self.stores, sys.executable, *s3.split(), name="s3")
        self.bucket = wait_for(self._bucket)

    def _bucket(self):
        try:
            return self.stores.inside(lambda: Bucket.made(f"http://{self.at}:5000"))
        except Exception:  # noqa: BLE001 - whatever it is, the server is not there yet
            return None

    def variables(self, host):
        """Give the environment of a host: its own folder, and what all of them share."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("DESK_", "DJANGO_", "DATABASE_URL", "AWS_"))
        }
        shared = dict.fromkeys(KEYS, "the same on every host, and long enough to be a key of all")
        return kept | shared | {
            "DATABASE_URL": f"postgresql://postgres@{self.at}/postgres",
            "STORAGE_URL": self.bucket.url,
            "QUEUE_URL": f"redis://{self.at}:6379/0",
            "DESK_URL": f"http://{self.webs[0].address}:8000",
            "ALLOWED_HOSTS": " ".join(web.address for web in self.webs),
            "DESK_DATA_DIR": str(self.folder / host.space),
            "DESK_EXPORTS_PER_MINUTE": "1000",
        }  # fmt: skip

    def command(self, *words):
        """Run one of Desk's commands on the host of the stores."""
        words = (sys.executable, "-m", "desk", *words)
        return self.stores.run(*words, variables=self.variables(self.stores))

    def start_desk(self):
        """Migrate once, then start the parts, each on a host of its own."""
        self.command("migrate", "--verbosity", "0")
        self.command("make_demo", "--tickets", str(TICKETS), "--assets", "10")
        for web in self.webs:
            self._start(web, sys.executable, *WEB.split(), f"{web.address}:8000", name="web")
            self._start(web, sys.executable, "-m", "desk", "sweep_exports", name="sweep")
        for worker in self.workers:
            self._start(worker, sys.executable, *WORKER.split(), name="worker")

    def _start(self, host, *words, name):
        known = self.variables(host) if self.bucket else {**os.environ}
        host.start(*words, variables=known, log=self.folder / f"{host.space}-{name}.log")

    def caller(self, web, person):
        """Give somebody at one of the web hosts, as a program on the host of the stores is."""
        token = self.command("create_token", person).strip()
        return Outside(self.stores, f"http://{web.address}:8000", token)

    def rows(self, statement):
        """Read the database past everything, through its socket."""
        at = f"postgresql://postgres@/postgres?host={self.server.sockets}"
        with psycopg.connect(at) as connection:
            return connection.execute(statement).fetchall()

    def ran_by(self, worker):
        """Count the exports that a worker's host has completed."""
        pid = worker.processes[0].pid
        done = f"SELECT count(*) FROM waybill_exportjob WHERE status = 'completed' {self._by(pid)}"
        return self.rows(done)[0][0]

    def runs_one(self, worker):
        """Say whether a worker's host is in the middle of an export."""
        where = f"status = 'processing' {self._by(worker.processes[0].pid)}"
        return bool(self.rows(f"SELECT 1 FROM waybill_exportjob WHERE {where}"))

    @staticmethod
    def _by(pid):
        return f"AND worker LIKE '%:{pid}'"


class Outside(Caller):
    """A caller on a host of the network."""

    def __init__(self, host, url, token):
        super().__init__(url, token)
        self.host = host

    def _once(self, path, body, headers):
        ask = super()._once
        return self.host.inside(lambda: ask(path, body, headers))


@contextmanager
def company(network):
    """Run it during the block."""
    # Not in pytest's own folder: as root the server runs as another user.
    with tempfile.TemporaryDirectory(prefix="desk-net-", ignore_cleanup_errors=True) as folder:
        made = Company(network, Path(folder))
        try:
            made.start_stores()
            made.start_desk()
            yield made
        finally:
            network.end()
            if made.server is not None:
                embedded.stop(made.server)
