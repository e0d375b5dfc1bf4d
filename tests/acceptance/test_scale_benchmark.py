"""The benchmark of the cost curve runs, at sizes of no meaning."""

import os
import subprocess
import sys
from pathlib import Path

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
