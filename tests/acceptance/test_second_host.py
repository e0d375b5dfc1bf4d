"""Waybill in a project of somebody else: the built wheel, a new environment, the library."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib import error, request

import pytest

from tests.architecture.sources import ROOT
from tests.docs.sources import Block, blocks
from tests.plugins.desk_up import free_port, wait_for

pytestmark = pytest.mark.timeout(400)

LIBRARY = ROOT / "examples/library"
EXTRAS = "api,tasks"


def _run(*words: object, cwd: Path, **more: str) -> str:
    done = subprocess.run(
        [str(word) for word in words],
        cwd=cwd,
        env={"PATH": "/usr/bin:/bin", "PYTHONDONTWRITEBYTECODE": "1", **more},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def _pins(folder: Path) -> Path:
    """Write the locked versions as constraints: pip takes no hashes for a wheel of our own."""
    locked = (ROOT / "requirements/run.txt").read_text()
    place = folder / "constraints.txt"
    place.write_text("\n".join(re.findall(r"^[\w.\-\[\]]+==[^\s;\\]+", locked, re.MULTILINE)))
    return place


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment that has the built wheel; gives the folder of its programs."""
    folder = tmp_path_factory.mktemp("host")
    build = ("-m", "hatchling", "build", "--target", "wheel", "--directory", folder / "dist")
    _run(sys.executable, *build, cwd=ROOT)
    (wheel,) = (folder / "dist").glob("*.whl")
    _run(sys.executable, "-m", "venv", folder / "env", cwd=folder)
    quiet = ("--quiet", "--disable-pip-version-check", "--constraint", _pins(folder))
    _run(
        folder / "env/bin/python", "-m", "pip", "install", *quiet, f"{wheel}[{EXTRAS}]", cwd=folder
    )
    return folder / "env/bin"


@pytest.fixture(scope="module")
def manage(environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., str]:
    """Run a command of the library, copied to where nothing of ours lies beside it."""
    folder = tmp_path_factory.mktemp("copy") / "library"
    shutil.copytree(LIBRARY, folder, ignore=shutil.ignore_patterns("var", "*.sqlite3"))

    def command(*words: object) -> str:
        return _run(environment / "python", "-W", "error", "manage.py", *words, cwd=folder)

    return command


def test_a_second_host_takes_less_than_150_lines() -> None:
    written = [*LIBRARY.glob("*.py"), *LIBRARY.glob("library/*.py")]  # migrations are generated
    own = [place for place in written if place.name != "tests.py"]

    assert sum(len(place.read_text().splitlines()) for place in own) < 150


def test_the_library_needs_no_more_than_it_has(manage: Callable[..., str]) -> None:
    assert "no issues" in manage("check")
    assert "No changes detected" in manage("makemigrations", "--check", "--dry-run")


def test_the_exports_pages_and_api_of_the_library_work(manage: Callable[..., str]) -> None:
    said = manage("test")

    assert re.search(r"^Ran \d+ tests", said, re.MULTILINE), said
    assert "\nOK\n" in said


def test_the_library_starts_and_exports_from_the_command_line(manage: Callable[..., str]) -> None:
    manage("migrate", "--verbosity", "0")

    assert "0 rows" in manage("waybill_export", "books", "-o", "books.csv")
    assert "Complete and unchanged" in manage(
        "verify_export", "books.csv", "books.csv.receipt.json"
    )


TUTORIAL = Path("docs/tutorial/in-your-project.md")
PASSWORD = "only-for-this-test"


def test_the_tutorial_leads_to_exports_by_every_way(environment: Path, tmp_path: Path) -> None:
    """What the page shows is done as it stands; the server listens on a port of the test's."""
    told = [block for block in blocks("python", "sh", "html") if block.page == TUTORIAL]
    commands = [block.text for block in told if block.kind == "sh"]
    port = str(free_port())

    _shell(environment, tmp_path, _only(commands, "startproject"))
    for block in told:
        if block.kind != "sh":
            _written(block, tmp_path)
    _shell(environment, tmp_path, _only(commands, "createsuperuser").rstrip() + " --noinput")
    checked = (environment / "python", "manage.py", "check", "--database", "default")
    assert "no issues" in _run(*checked, cwd=tmp_path)
    (tmp_path / "item.py").write_text(
        "from stock.models import Item\nItem.objects.create(name='=Tea', price='3.50')"
    )
    _shell(environment, tmp_path, "python manage.py shell < item.py")
    _shell(environment, tmp_path, _only(commands, "waybill_export"))
    with _served(
        environment, tmp_path, _only(commands, "runserver").rstrip() + f" {port} --noreload"
    ):
        call = _only(commands, "curl").replace("8000", port).replace("PASSWORD", PASSWORD)
        wait_for(lambda: _admin_answers(port))
        _shell(environment, tmp_path, call)
        # Read anew by a person who mistyped the password, or left the word as it stands.
        wrong = call.replace(PASSWORD, "PASSWORD").replace("items.xlsx", "said.json")
        _shell(environment, tmp_path, f"! {wrong.strip()}")

    said = json.loads((tmp_path / "said.json").read_text())
    assert (said["status"], said["code"]) == (401, "not_authenticated")
    assert "name and a password" in said["detail"]
    with (tmp_path / "items.csv").open(encoding="utf-8-sig") as lines:
        assert [row["Name"] for row in csv.DictReader(lines)] == ["'=Tea"]
    assert (tmp_path / "items.xlsx").read_bytes().startswith(b"PK")


def _only(commands: list[str], word: str) -> str:
    (found,) = [text for text in commands if word in text]
    return found


def _written(block: Block, folder: Path) -> None:
    """Do with a block what its first line says: a file, or more at the end of one."""
    place = re.match(r"(?:#|{#) ([\w/]+\.\w+)(, at the end)?", block.text)
    assert place
    (folder / place[1]).parent.mkdir(parents=True, exist_ok=True)
    with (folder / place[1]).open("a" if place[2] else "w") as file:
        file.write(f"\n{block.text}")


def _variables(environment: Path) -> dict[str, str]:
    path = f"{environment}:/usr/bin:/bin"
    return {"PATH": path, "HOME": os.environ["HOME"], "DJANGO_SUPERUSER_PASSWORD": PASSWORD}


def _shell(environment: Path, folder: Path, text: str) -> None:
    _run("bash", "-euc", text, cwd=folder, **_variables(environment))


@contextmanager
def _served(environment: Path, folder: Path, command: str) -> Iterator[None]:
    with subprocess.Popen(
        ["bash", "-c", f"exec {command}"],
        cwd=folder,
        env=_variables(environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            yield
        finally:
            server.terminate()


def _admin_answers(port: str) -> bool:
    try:
        with request.urlopen(f"http://127.0.0.1:{port}/admin/login/", timeout=10) as answer:
            return bool(answer.status == 200)
    except (error.URLError, OSError):
        return False
