"""`desk up` from outside: it starts, stays, says what is wrong, and ends."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib import request

import psutil
import psycopg
import pytest

from tests.plugins.desk_up import DeskUp, free_port, wait_for

Start = Callable[..., DeskUp]

# Desk starts within seconds; a machine that runs other things beside may take minutes.
pytestmark = pytest.mark.timeout(400)


def _status(up: DeskUp, path: str) -> int:
    with request.urlopen(up.url + path, timeout=10) as answer:
        return int(answer.status)


def _ended(processes: list[psutil.Process]) -> bool:
    # One that has ended stays a zombie until whoever adopted it looks.
    return not [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


def _server(up: DeskUp) -> psutil.Process:
    """Give the process of the embedded database, which is nobody's child."""
    return psutil.Process(int((up.folder / "postgres/postmaster.pid").read_text().split()[0]))


def test_it_serves_from_a_long_folder_under_the_address_of_a_proxy_and_ends_on_ctrl_c(
    start_desk: Start, desk_folder: Path
) -> None:
    folder = desk_folder / "a folder with spaces" / ("long" * 25) / "var"
    address = "https://desk.example.org"  # that only a proxy answers
    up = start_desk("--workers", "1", folder=folder, DESK_URL=address)
    wait_for(lambda: f"Desk is ready at {address}" in up.lines, seconds=240)

    assert (_status(up, "/healthz"), _status(up, "/readyz")) == (200, 200)
    everything = [*up.children(), _server(up)]

    assert up.end(signal.SIGINT) == 0
    assert _ended(everything)


def test_it_ends_while_it_still_prepares(start_desk: Start) -> None:
    up = start_desk("--demo")
    wait_for(lambda: up.children("prepare"))
    everything = [*up.children(), _server(up)]

    assert up.end(seconds=10) == 0
    assert _ended(everything)
    assert not any("ready" in line for line in up.lines)


@pytest.mark.parametrize("word", ["worker", "gunicorn"])
def test_a_child_that_is_killed_is_started_again(running_desk: DeskUp, word: str) -> None:
    up = running_desk
    wait_for(lambda: _answers(up))
    # One of another test's faults may just be on its way back.
    victim = wait_for(lambda: [p for p in up.children(word) if p.ppid() == up.process.pid])[0]

    victim.kill()

    wait_for(lambda: [p for p in up.children(word) if p.pid != victim.pid])
    assert wait_for(lambda: _answers(up))


def test_a_database_that_is_killed_is_started_again(running_desk: DeskUp) -> None:
    up = running_desk
    victim = _server(up)

    victim.kill()

    wait_for(lambda: _server_runs(up, victim.pid))
    assert wait_for(lambda: _answers(up))


def _server_runs(up: DeskUp, not_this: int) -> bool:
    try:
        return _server(up).pid != not_this
    except (OSError, IndexError, psutil.NoSuchProcess):
        return False


def _answers(up: DeskUp) -> bool:
    try:
        return _status(up, "/readyz") == 200
    except OSError:
        return False


def test_nothing_is_left_when_it_is_killed_and_when_the_next_one_ends_in_order(
    start_desk: Start,
) -> None:
    up = start_desk("--workers", "2")
    up.wait_until_ready()
    assert (_status(up, "/healthz"), _status(up, "/readyz")) == (200, 200)
    assert len(up.children("worker")) == 2, up.lines
    children = up.children()

    up.end(signal.SIGKILL)

    assert wait_for(lambda: _ended(children))
    again = start_desk("--workers", "1")
    again.wait_until_ready()
    assert _status(again, "/readyz") == 200
    everything = [*again.children(), _server(again)]
    assert again.end(seconds=10) == 0
    assert _ended(everything)


def _last_line(up: DeskUp) -> tuple[int, str]:
    code = up.process.wait(240)
    wait_for(lambda: up.lines)
    return code, "\n".join(up.lines)


def test_a_taken_port_is_said_in_one_line(start_desk: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        code, text = _last_line(start_desk(port=port))

    assert code == 1
    assert re.fullmatch(rf"CommandError: Port {port} .* is taken .* --port or PORT\.", text)


def test_a_second_one_on_the_same_folder_is_refused_and_the_first_goes_on(
    running_desk: DeskUp, start_desk: Start
) -> None:
    first = running_desk

    code, text = _last_line(start_desk(folder=first.folder))

    assert code == 1
    assert text == (
        f"CommandError: Desk is already running on {first.folder} (process {first.process.pid})."
    )
    assert _status(first, "/readyz") == 200


def test_a_folder_that_cannot_be_written_is_said_in_one_line(
    start_desk: Start, desk_folder: Path
) -> None:
    desk_folder.write_text("a file where a folder should be")

    code, text = _last_line(start_desk())

    assert code == 1
    assert "\n" not in text
    assert str(desk_folder) in text
    assert "DESK_DATA_DIR" in text


def test_a_database_address_that_does_not_answer_is_said_without_its_password(
    start_desk: Start,
) -> None:
    url = f"postgresql://desk:secret@127.0.0.1:{free_port()}/desk"

    code, text = _last_line(start_desk(DATABASE_URL=url))

    assert code == 1
    assert "does not answer" in text
    assert "secret" not in text
    assert "Traceback" not in text


def test_database_url_puts_the_tables_into_a_real_server(
    start_desk: Start, other_database: str
) -> None:
    up = start_desk("--workers", "1", DATABASE_URL=other_database)
    up.wait_until_ready()

    with psycopg.connect(other_database) as connection:
        (tables,) = connection.execute(
            "SELECT count(*) FROM pg_tables WHERE tablename LIKE 'tickets_%'"
        ).fetchone() or (0,)

    assert tables > 5
    assert not (up.folder / "postgres").exists()


def test_a_command_without_a_running_desk_says_so_in_one_sentence(desk_folder: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "desk", "migrate"],
        env={"DESK_DATA_DIR": str(desk_folder)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == (
        f"Desk is not running on {desk_folder}: start it with `desk up` first.\n"
    )
