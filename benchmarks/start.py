"""How long Desk takes from the command to its ready line: `python -m benchmarks.start`.

The first start makes the database and the demo of 20,000 tickets; the second finds all of it.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import frame

__all__ = ["main"]


def main() -> None:
    """Start and end Desk twice on one folder, and print the table."""
    with tempfile.TemporaryDirectory(prefix="desk-start-", ignore_cleanup_errors=True) as folder:
        rows = [(which, *_start_and_end(Path(folder) / "var")) for which in ("first", "second")]
    print(frame.table(("start", "ready after s", "all ended after s"), rows))


def _start_and_end(data: Path) -> tuple[float, float]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "desk", "up", "--demo", "--port", str(port)],
        env={**variables, "DESK_DATA_DIR": str(data)},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout
    with process.stdout:
        if not any("Desk is ready" in line for line in process.stdout):
            raise SystemExit("desk up did not become ready")
        ready = time.perf_counter() - began
        asked = time.perf_counter()
        process.send_signal(signal.SIGTERM)
        process.wait()
    return ready, time.perf_counter() - asked


if __name__ == "__main__":
    main()
