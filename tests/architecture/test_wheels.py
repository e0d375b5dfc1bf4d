"""Two distributions from one repository, each with its own files only."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, tracked


def _built(project: Path, out: Path) -> set[str]:
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", out]
    subprocess.run(command, cwd=project, check=True, capture_output=True)
    (wheel,) = out.glob("*.whl")
    return {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}


def _wanted(top: str) -> set[str]:
    own = [file for file in tracked() if file.is_relative_to(f"src/{top}")]
    return {str(file.relative_to("src")) for file in own if file.name != "pyproject.toml"}


@pytest.mark.parametrize(
    ("project", "top"), [(".", "waybill"), ("src/desk", "desk")], ids=["engine", "desk"]
)
def test_a_wheel_holds_all_of_its_own_package_and_nothing_else(
    project: str, top: str, tmp_path: Path
) -> None:
    assert _built(ROOT / project, tmp_path) == _wanted(top)
