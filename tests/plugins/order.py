"""What takes long first: at the end of a run nobody waits for a slow file alone."""

import pytest

__all__ = ["pytest_collection_modifyitems"]

KINDS = ("acceptance", "browser", "contracts", "integration")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Put files with slow tests first, then kind after kind, each in the random order of this run.

    Files stay whole, for workers of a run share them out by files (`--dist loadfile`): what is set
    up for a file is set up once.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, rank(item.path)))


def rank(path):
    """Give the place of a test's kind: those that start processes come first."""
    kinds = [place for place, kind in enumerate(KINDS) if kind in path.parts]
    return kinds[0] if kinds else len(KINDS)
