"""Benchmarks: that of the cost curve, at sizes of no meaning, and one that is ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg

from benchmarks import paper
from tests.architecture.sources import ROOT
from tests.plugins import postgres

SMALL = "--rows 3000 --columns 5 12 --text 100 3000 --workers 1 2 --rounds 1"


def test_every_curve_is_measured_fitted_drawn_and_carried_on(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{paper.BEGIN}\n{paper.END}\n")
    where = ("--charts", str(tmp_path), "--page", str(page))

    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.scale", *SMALL.split(), *where],
        env={**os.environ, "DATABASE_URL": postgres.url(), "DESK_DATA_DIR": str(tmp_path)},
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stderr
    text = page.read_text()
    names = [line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")]
    expected = {"rows": 4, "columns": 3, "bytes of text": 3, "workers": 2}
    assert {name: names.count(name) for name in expected} == expected
    assert "1,000,000,000" in text
    assert len(list(tmp_path.glob("scale-*.svg"))) == 4


def test_a_benchmark_that_is_ended_takes_its_server_with_it() -> None:
    waiting = (
        "import time; from benchmarks import frame\n"
        "with frame.database() as url: print(url, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", waiting],
        env={name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as benchmark:
        assert benchmark.stdout is not None
        with psycopg.connect(benchmark.stdout.readline().strip()) as asking:
            (folder,) = asking.execute("SHOW data_directory").fetchone() or ("",)
        server = psutil.Process(int(Path(folder, "postmaster.pid").read_text().split()[0]))
        benchmark.send_signal(signal.SIGTERM)

    assert benchmark.returncode == 128 + signal.SIGTERM
    server.wait(10)
    assert not Path(folder).exists()
