"""Slow tests first: at the end of a run nobody waits for one of them alone."""

import pytest

__all__ = ["pytest_collection_modifyitems"]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """Put the slow ones before the others, each in the random order of this run."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
