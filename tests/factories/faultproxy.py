"""A web server that passes everything on to another one, but for the faults it is told."""

import http.client
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

__all__ = ["Fault", "FaultProxy", "faulty"]

PASSED_ON = {"connection", "transfer-encoding", "content-length", "keep-alive"}


@dataclass
class Fault:
    """What befalls the first `times` requests of a method whose address holds a text.

    `status` answers instead of the server; `cut` ends the connection amid the request; `lose`
    passes on and drops the answer; `seconds` waits before it passes on.
    """

    method: str
    text: str = ""
    times: int = 1
    status: int = 0
    cut: bool = False
    lose: bool = False
    seconds: float = 0
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def strikes(self, method, path):
        """Take one of the strikes that are left, if the request is one of those."""
        with self.lock:
            if method != self.method or self.text not in path or not self.times:
                return False
            self.times -= 1
            return True


class FaultProxy(ThreadingHTTPServer):
    """Stands before a server; `faults` can be changed while it runs."""

    daemon_threads = True

    def __init__(self, upstream):
        super().__init__(("127.0.0.1", 0), Handler)
        self.upstream = urlsplit(upstream)
        self.faults = []
        self.seen = []

    @property
    def address(self):
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request, client_address):
        """Say nothing of clients that went away."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        """Write no log."""

    def any_method(self):
        length = int(self.headers.get("Content-Length") or 0)
        self.server.seen.append((self.command, self.path))
        fault = next((f for f in self.server.faults if f.strikes(self.command, self.path)), None)
        if fault and fault.cut:
            self.rfile.read(length // 2)
            self.close_connection = True
            return
        body = self.rfile.read(length)
        if fault and fault.status:
            self.answer(fault.status, {}, b"<Error><Code>%s</Code></Error>" % CODES[fault.status])
            return
        if fault:
            time.sleep(fault.seconds)
        status, headers, data = self.passed_on(body)
        if fault and fault.lose:
            self.close_connection = True
            return
        self.answer(status, headers, data)

    def passed_on(self, body):
        at = self.server.upstream
        connection = http.client.HTTPConnection(at.hostname, at.port, timeout=30)
        try:
            connection.request(self.command, self.path, body, dict(self.headers))
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read()
        finally:
            connection.close()

    def answer(self, status, headers, data):
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in PASSED_ON:
                self.send_header(name, value)
        told = {name.lower(): value for name, value in headers.items()}
        length = told.get("content-length", "0") if self.command == "HEAD" else str(len(data))
        self.send_header("Content-Length", length)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


for method in ("GET", "HEAD", "PUT", "POST", "DELETE"):
    setattr(Handler, f"do_{method}", Handler.any_method)

CODES = {500: b"InternalError", 503: b"SlowDown", 403: b"AccessDenied"}


@contextmanager
def faulty(upstream):
    """Run a proxy before a server during the block."""
    proxy = FaultProxy(upstream)
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield proxy
    finally:
        proxy.shutdown()
        thread.join()
        proxy.server_close()
