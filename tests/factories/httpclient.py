"""A caller of a running Desk's API that nothing discourages."""

import json
import time
from http.client import HTTPException
from urllib import error, request

__all__ = ["Caller"]

PATIENCE = 120


class Caller:
    """Calls as a program with a token does; a server that is down is asked again."""

    def __init__(self, url, token):
        self.url = url
        self.token = token

    def ask(self, path, body=None, **headers):
        """Give the status and the answer of a call; any answer of the server counts as one."""
        end = time.monotonic() + PATIENCE
        while True:
            try:
                return self._once(path, body, headers)
            except (OSError, HTTPException, ValueError):
                if time.monotonic() > end:
                    raise
                time.sleep(0.1)

    def start(self, key, **body):
        """Start a background export under a key, so that asking twice starts it once."""
        status, answer = self.ask(
            "/api/v1/tickets/export", {"async": True, **body}, **{"Idempotency-Key": key}
        )
        assert status == 202, answer
        return answer["export_id"]

    def export(self, export_id):
        """Give an export as the API shows it."""
        status, answer = self.ask(f"/api/v1/exports/{export_id}")
        assert status == 200, answer
        return answer

    def _once(self, path, body, headers):
        data = None if body is None else json.dumps(body).encode()
        asked = request.Request(self.url + path, data, self._headers() | headers)
        try:
            with request.urlopen(asked, timeout=30) as answer:
                return answer.status, json.load(answer)
        except error.HTTPError as refused:
            return refused.code, json.load(refused)

    def _headers(self):
        return {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
