"""One PostgreSQL for a run of the tests, in a folder of its own."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path
from urllib.parse import quote

from desk import embedded

__all__ = ["url"]

# The data is thrown away after the run, so nothing waits for the disk.
SETTINGS = {
    **embedded.TUNING,
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}


def url() -> str:
    """Give the address of the run's server; the first process to ask starts it.

    Worker processes of pytest-xdist inherit the address through the environment.
    """
    if given := os.environ.get("DATABASE_URL"):
        return given
    folder = Path(tempfile.mkdtemp(prefix="desk-pg-"))
    server = embedded.start(folder / "data", SETTINGS)
    owner = os.getpid()

    @atexit.register
    def end() -> None:
        if os.getpid() == owner:
            embedded.stop(server)
            shutil.rmtree(folder, ignore_errors=True)

    return f"postgresql://postgres@/postgres?host={quote(str(server.sockets))}"
