"""The order of a run: first what is quick to tell of a mistake, last what takes its real time."""

import pytest

__all__ = ["pytest_collection_modifyitems"]

KINDS = ("unit", "architecture", "docs", "contracts", "integration", "browser", "acceptance")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Put kind after kind, and files with slow tests last; within, the random order of this run.

    Files stay whole, for workers of a run share them out by files (`--dist loadfile`): what is set
    up for a file is set up once.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path in slow, rank(item.path)))


def rank(path):
    """Give the place of a test's kind."""
    return min((place for place, kind in enumerate(KINDS) if kind in path.parts), default=0)
