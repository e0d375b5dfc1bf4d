"""How fast the API answers on a running Desk: `python -m benchmarks.api`.

A Desk as `desk up` runs it, asked over HTTP from another process: small files whole, their first
byte, the answer to a large one, and lists, as JSON and as the page that people look at, while
twenty clients fetch a file of 100 MB at once.
"""

import argparse
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from benchmarks import frame

__all__ = ["main"]

TICKETS = 260_000  # about 100 MB of CSV
ROUNDS = 20
CLIENTS = 20
EXPORT = "/api/v1/tickets/export"
NAME, PASSWORD = "bench", "walrus-lantern-42"  # of a Desk that lives for this run


@dataclass(frozen=True, slots=True)
class Desk:
    """Where it answers, and the token of somebody who may do everything."""

    port: int
    token: str

    def ask(self, method: str, path: str, body: object = None) -> http.client.HTTPResponse:
        """Call the API on a connection of its own; raises where the answer is an error."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        if answer.status >= 400:
            raise SystemExit(f"{method} {path}: {answer.status} {answer.read()[:300]!r}")
        return answer

    def json(self, method: str, path: str, body: object = None) -> dict[str, object]:
        """Give the body of an answer."""
        found: dict[str, object] = json.loads(self.ask(method, path, body).read())
        return found


def main() -> None:
    """Start Desk on a filled database, measure, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=TICKETS, help="how many tickets there are")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    with frame.demo_database(given.rows) as url, _running(url) as desk:
        found = {**_small(desk, url), **_large(desk), **_crowd(desk)}
    if given.json:
        print(json.dumps(found))
        return
    rows = [(what, 1000 * took, 1000 * most) for what, (took, most) in found.items()]
    print(frame.table(("what", "median ms", "slowest ms"), rows))


def _small(desk: Desk, url: str) -> dict[str, tuple[float, float]]:
    found = {}
    for rows in (1_000, 10_000):
        body = {"filters": {"created_from": _since(url, rows)}, "format": "csv"}
        whole, first = [], []
        for number in range(ROUNDS + 1):
            began = time.perf_counter()
            answer = desk.ask("POST", EXPORT, body)
            if answer.getheader("X-Row-Count") != str(rows):
                raise SystemExit(f"{rows} rows wanted, {answer.getheader('X-Row-Count')} came")
            answer.read(1)
            first.append(time.perf_counter() - began)
            answer.read()
            whole.append(time.perf_counter() - began)
            if not number:  # the first of each loads modules and plans
                whole, first = [], []
        found[f"{rows:,} rows, first byte"] = _of(first)
        found[f"{rows:,} rows, whole file"] = _of(whole)
    return found


def _large(desk: Desk) -> dict[str, tuple[float, float]]:
    took = []
    for _round in range(ROUNDS):
        began = time.perf_counter()
        answer = desk.ask("POST", EXPORT, {"email_notification": False})
        took.append(time.perf_counter() - began)
        if answer.status != 202:
            raise SystemExit(f"202 wanted, {answer.status} came")
        _cancel(desk, json.loads(answer.read())["export_id"])
    return {"202 for a large export": _of(took)}


def _crowd(desk: Desk) -> dict[str, tuple[float, float]]:
    """Ask for lists while all clients fetch one large file."""
    job = desk.json("POST", EXPORT, {"async": True, "email_notification": False})
    at = urlsplit(str(job["status_url"])).path
    while (state := desk.json("GET", at))["status"] in {"pending", "processing"}:
        time.sleep(0.2)
    size = int(str(state["file_size"]))
    browser = _browser(desk)
    quiet = _lists(desk, browser, lambda: False)
    crowd = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.api_clients", str(desk.port), desk.token,
         f"{at}/download", str(CLIENTS), str(size)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert crowd.stdout
    crowd.stdout.readline()  # they have begun
    began = time.perf_counter()
    busy = _lists(desk, browser, lambda: crowd.poll() is None)
    said, _ = crowd.communicate()
    if crowd.returncode:
        raise SystemExit("a download was not whole")
    seconds = time.perf_counter() - began
    print(f"{CLIENTS} x {size / 1e6:.0f} MB in {seconds:.1f} s {said.strip()}", file=sys.stderr)
    among = f"while {CLIENTS} clients fetch {size / 1e6:.0f} MB each"
    return {
        **{f"{what}, nobody else there": took for what, took in quiet.items()},
        **{f"{what} {among}": took for what, took in busy.items()},
    }


def _browser(desk: Desk) -> Any:
    """Log in as a person does."""
    from tests.factories.browsing import Browser

    browser = Browser(f"http://127.0.0.1:{desk.port}")
    browser.log_in(NAME, PASSWORD)
    return browser


def _lists(desk: Desk, browser: Any, go_on: Callable[[], bool]) -> dict[str, tuple[float, float]]:
    """Ask for both lists in turns; whoever is not logged in gets no page of tickets."""
    asked = {
        "list of exports": lambda: desk.ask("GET", "/api/v1/exports?limit=50").read(),
        "page of tickets": lambda: browser.page("/staff/tickets/"),
    }
    _, landed, _ = browser.page("/staff/tickets/")
    if not landed.endswith("/staff/tickets/"):
        raise SystemExit(f"the page of tickets wanted, {landed} came")
    took: dict[str, list[float]] = {what: [] for what in asked}
    while len(took["page of tickets"]) < ROUNDS or go_on():
        for what, ask in asked.items():
            began = time.perf_counter()
            ask()
            took[what].append(time.perf_counter() - began)
            time.sleep(0.02)
    return {what: _of(several) for what, several in took.items()}


def _cancel(desk: Desk, export_id: str) -> None:
    try:
        desk.ask("POST", f"/api/v1/exports/{export_id}/cancel").read()
    except SystemExit:  # it had ended already
        return


def _of(took: list[float]) -> tuple[float, float]:
    return statistics.median(took), max(took)


def _since(url: str, rows: int) -> str:
    """Find the time since which so many tickets were made."""
    import psycopg

    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT created_at FROM tickets_ticket WHERE deleted_at IS NULL"
            " ORDER BY created_at DESC OFFSET %s LIMIT 1",
            [rows - 1],
        ).fetchone()
    assert found
    return str(found[0].isoformat())


@contextmanager
def _running(url: str) -> Iterator[Desk]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="desk-api-", ignore_cleanup_errors=True) as folder:
        variables = {
            **os.environ,
            "DATABASE_URL": url,
            "DESK_DATA_DIR": folder,
            "DESK_EXPORTS_PER_MINUTE": "1000000",
        }
        variables.pop("DJANGO_SETTINGS_MODULE", None)
        up = subprocess.Popen(
            [sys.executable, "-m", "desk", "up", "--port", str(port), "--workers", "1"],
            env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        try:
            assert up.stdout
            if not any("Desk is ready" in line for line in up.stdout):
                raise SystemExit("desk up did not become ready")
            reader = threading.Thread(target=up.stdout.read, daemon=True)
            reader.start()
            yield Desk(port, _token(variables))
        finally:
            up.send_signal(signal.SIGTERM)
            up.wait()


def _token(variables: dict[str, str]) -> str:
    """Make a person with every right, unless an earlier run has, and a token of theirs."""
    person = [
        "create_user", NAME, "--password", PASSWORD, "--admin",
        "--permission", "import_export_tickets", "--permission", "export_assets",
    ]  # fmt: skip
    desk = [sys.executable, "-m", "desk"]
    subprocess.run([*desk, *person], env=variables, check=False, capture_output=True)
    made = subprocess.run(
        [*desk, "create_token", NAME], env=variables, check=True, capture_output=True, text=True
    )
    return made.stdout.strip()


if __name__ == "__main__":
    main()
