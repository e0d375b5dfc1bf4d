"""A disk that is soon full."""

import subprocess

import pytest

from tests.plugins.required import require

__all__ = ["small_disk"]


@pytest.fixture
def small_disk(tmp_path, settings):
    """Mount a disk of one megabyte and 40 files, and keep everything there."""
    folder = tmp_path / "disk"
    folder.mkdir()
    options = ["-t", "tmpfs", "-o", "size=1m,nr_inodes=40", "tmpfs"]
    mounted = subprocess.run(["mount", *options, folder], check=False, capture_output=True)
    require(present=mounted.returncode == 0, why="no disk can be mounted here")
    settings.WAYBILL = {**settings.WAYBILL, "data_dir": folder}
    yield folder
    subprocess.run(["umount", folder], check=True)
