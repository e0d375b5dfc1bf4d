"""What the Containerfile and the compose file start is started here, by their own words."""

import os
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest

from tests.architecture.sources import ROOT
from tests.factories import deployed
from tests.factories.httpclient import Caller
from tests.plugins import postgres
from tests.plugins.desk_up import free_port, wait_for

pytestmark = pytest.mark.timeout(400)


class Built:
    """The image's file system under a folder, with its programs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.image = deployed.image()

    def build(self) -> None:
        """Do the steps of the Containerfile in order, where they would be done in an image."""
        (self.folder / "src").mkdir()
        for step, words in self.image.steps:
            if step == "COPY" and not words.startswith("--from"):
                self._copy(*words.split())
            if step == "RUN":
                self._run(words)

    def _copy(self, *words: str) -> None:
        *sources, target = words
        for source in sources:
            place = self.folder / "src" / target
            place = place if target != "./" else place / source
            place.parent.mkdir(parents=True, exist_ok=True)
            copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
            copy(ROOT / source, place)

    def _run(self, words: str) -> None:
        if os.geteuid() != 0:
            words = words.partition(" && chown")[0]
        words = self.here(words).replace("RUN python ", f"{sys.executable} ")
        if words.startswith("python "):
            words = sys.executable + words.removeprefix("python")
        subprocess.run(["sh", "-ec", words], cwd=self.folder / "src", check=True)
        self._borrow()

    def _borrow(self) -> None:
        """Let the new environment see what this one has, so that nothing is downloaded again."""
        ours = next(path for path in sys.path if path.endswith("site-packages"))
        for place in (self.folder / "opt/desk/lib").glob("*/site-packages"):
            (place / "borrowed.pth").write_text(ours + "\n")

    def here(self, text: str) -> str:
        """Give a text with the paths of the image as they are here."""
        for path in ("/opt/desk", "/var/lib/desk"):
            text = text.replace(path, str(self.folder) + path)
        return text

    def command(self, words: list[str], port: int) -> list[str]:
        """Give a command of the image as it is started here: its python, and a free port."""
        python = self.here("/opt/desk/bin/python")
        moved = [word.replace(":8000", f":{port}") for word in words[1:]]
        return [python, *moved]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    made = Built(tmp_path_factory.mktemp("image"))
    made.build()
    return made


@pytest.fixture
def database() -> str:
    """A database of the test's own, on the server of the run."""
    url, name = postgres.url(), f"desk_{uuid4().hex[:8]}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    yield url.replace("/postgres?", f"/{name}?")
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def variables(built: Built, database: str, tmp_path: Path) -> dict[str, str]:
    """The settings as a company has them, on servers of this machine."""
    where = {
        "DATABASE_URL": database,
        "QUEUE_URL": "redis://127.0.0.1:6379/0",
        "QUEUE_NAME": f"desk-{uuid4().hex[:8]}",
        "STORAGE_URL": (tmp_path / "kept").as_uri(),
        "MAIL_URL": f"file://{quote(str(tmp_path / 'mail'))}",
        "DESK_DATA_DIR": str(tmp_path / "var"),
        "HOME": str(tmp_path),
        "PATH": built.here("/opt/desk/bin:") + "/usr/bin:/bin",
    }
    return deployed.settings() | where


class Proxied(Caller):
    """A caller at a proxy with TLS in front of the container."""

    def _headers(self):
        told = {"Host": "desk.example.org", "X-Forwarded-Proto": "https"}
        return super()._headers() | told | {"X-Forwarded-For": "192.0.2.7"}


def test_an_export_is_made_by_the_containers_of_the_compose_file(
    built: Built, variables: dict[str, str]
) -> None:
    services, port = deployed.services(), free_port()

    def run(*words: str) -> str:
        command = built.command(["python", "-m", "desk", *words], port)
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run(*services["prepare"]["command"][3:])
    assert "site-packages/desk" in run("shell", "-c", "import desk; print(desk.__path__)")
    run("create_user", "ada", "--password", "Zeppelin-7", "--admin",
        "--permission", "import_export_tickets")  # fmt: skip
    started = {
        name: subprocess.Popen(
            built.command(services[name].get("command") or built.image.command("CMD"), port),
            env=variables,
        )
        for name in ("web", "worker", "sweep")
    }
    try:
        health = built.command(built.image.command("HEALTHCHECK"), port)
        wait_for(lambda: subprocess.run(health, check=False, stderr=-3).returncode == 0)
        caller = Proxied(f"http://127.0.0.1:{port}", run("create_token", "ada").strip())
        one = caller.start("first")
        wait_for(lambda: caller.export(one)["status"] == "completed")
    finally:
        for process in started.values():
            process.send_signal(signal.SIGTERM)
        grace = deployed.seconds(services["web"]["stop_grace_period"])
        codes = {name: process.wait(grace) for name, process in started.items()}
    assert codes == dict.fromkeys(started, 0)


def test_the_commands_of_the_health_checks_are_programs_of_their_images() -> None:
    """Those of other people's images cannot be run here; they are at least none of ours."""
    for name, service in deployed.services().items():
        if test := service.get("healthcheck", {}).get("test"):
            assert test[0] == "CMD", name
            assert shlex.join(test[1:])
