"""The how-to of the API does what it says, from top to bottom."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.docs.sources import blocks

PAGE = Path("docs/howto/api.md")


@pytest.fixture(scope="module")
def around(running_desk, tmp_path_factory):
    """Where the examples run: a Desk with rows, and `desk` and Python in the path."""
    running_desk.command(["desk", "make_demo", "--tickets", "200", "--assets", "40"], cwd=ROOT)
    ours = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
    variables = {name: one for name, one in os.environ.items() if name not in ours}
    return {
        "cwd": tmp_path_factory.mktemp("howto"),
        "env": variables
        | {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "DESK_DATA_DIR": str(running_desk.folder),
            "DESK": running_desk.url,
        },
    }


@pytest.mark.timeout(300)
def test_every_example_runs(around):
    script = "\n".join(block.text for block in blocks("sh") if block.page == PAGE)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", "export TOKEN\n" + script],
        check=False,
        capture_output=True,
        text=True,
        **around,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "40 assets" in done.stdout
    assert '"delivery": "direct"' in done.stdout
    first = (around["cwd"] / "open.csv").read_text(encoding="utf-8-sig").splitlines()[0]
    assert first == "Code,Subject,Status,Created"
