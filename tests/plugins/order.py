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
    marks = {item.path: item.get_closest_marker("slow") for item in sorted(items, key=is_slow)}
    seconds = {path: mark.args[0] for path, mark in marks.items() if mark}
    items.sort(
        key=lambda item: (
            item.path in seconds,
            -seconds.get(item.path, 0),
            rank(item.path),
        )
    )


def is_slow(item):
    """Say whether a test has the mark."""
    return item.get_closest_marker("slow") is not None


def rank(path):
    """Give the place of a test's kind."""
    return min((place for place, kind in enumerate(KINDS) if kind in path.parts), default=0)
