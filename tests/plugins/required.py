"""Programs and data that a test needs and a machine may lack."""

import os
import shutil
from pathlib import Path

import pytest

__all__ = ["require", "shared_data"]


def require(*, program: str = "", present: bool = True, why: str = "") -> str:
    """Skip the test with a notice where something is missing; fail it where CI promised it.

    Give the name of a `program` (its path comes back), or a fact as `present` with `why`.
    """
    path = shutil.which(program) if program else ""
    if path is not None and present:
        return path
    notice = why or f"{program} is not installed"
    if os.environ.get("CI") == "true":
        pytest.fail(f"required in CI: {notice}", pytrace=False)
    pytest.skip(notice)


def shared_data(name: str) -> Path:
    """Give a file of the real data beside the project, for example `tickets/jira.jsonl.gz`."""
    root = Path(__file__).parents[2]
    places = [root.parent / "shared" / "data", root / "shared" / "data"]
    for place in places:
        if (place / name).exists():
            return place / name
    require(present=False, why=f"no {name} in ../shared/data")
    raise AssertionError("unreachable")
