"""Somebody with a token at a running Desk."""

import json
from pathlib import Path
from urllib import request

from tests.plugins.desk_up import wait_for

__all__ = ["Caller"]

HERE = Path(__file__).parents[2]


class Caller:
    """Somebody with a token."""

    def __init__(self, desk, variables):
        self.desk = desk
        self.variables = variables
        made = self.command("make_demo", "--tickets", "300", "--assets", "50")
        assert made.returncode == 0, made.stderr
        self.token = self.command("create_token", "ada").stdout.strip()

    def command(self, *words):
        """Run a command beside the Desk, with the variables it runs with."""
        return self.desk.command(["desk", *words], cwd=HERE, **self.variables)

    def ask(self, path, body=None):
        """Call the API and give the bytes of its answer."""
        data = None if body is None else json.dumps(body).encode()
        head = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with request.urlopen(request.Request(f"{self.desk.url}{path}", data, head)) as answer:
            return answer.read()

    def export(self, **asked):
        """Ask for a file in the background, wait for it, and give its job and bytes."""
        begun = json.loads(self.ask("/api/v1/tickets/export", {"async": True, **asked}))
        path = f"/api/v1/exports/{begun['export_id']}"

        def ended():
            job = json.loads(self.ask(path))
            return job if job["completed_at"] else None

        job = wait_for(ended)
        assert job["status"] == "completed", job
        return job, self.ask(f"{path}/download")
