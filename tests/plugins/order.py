"""The order of a run: first what is quick to tell of a mistake, last what takes its real time."""

import pytest

__all__ = ["pytest_collection_modifyitems"]

KINDS = ("unit", "architecture", "docs", "contracts", "integration", "browser", "acceptance")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Put kind after kind, and files with slow tests last; within, the random order of this run.

    The slowest of these begins first: else it would go on alone when all others are done.

    Files stay whole, for workers of a run share them out by files (`--dist loadfile`): what is set
    up for a file is set up once.
    """
    slow = ((item.path, item.get_closest_marker("slow")) for item in items)
    seconds = {path: mark.args[0] for path, mark in slow if mark}
    items.sort(key=lambda item: (item.path in seconds, -seconds.get(item.path, 0), rank(item.path)))


def rank(path):
    """Give the place of a test's kind."""
    return min((place for place, kind in enumerate(KINDS) if kind in path.parts), default=0)
