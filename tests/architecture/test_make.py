"""The Makefile, which sets up and starts everything."""

import os
import subprocess

from tests.architecture.sources import ROOT


def test_what_python_compiled_is_kept_whatever_the_machine_says():
    seen = subprocess.run(
        ["make", "--silent", "--eval", "seen: ; @env", "seen"],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PORT": "8123"},
        capture_output=True,
        text=True,
        check=True,
    )
    lines = seen.stdout.splitlines()
    assert "PORT=8123" in lines
    assert not [line for line in lines if line.startswith("PYTHONDONTWRITEBYTECODE")]
