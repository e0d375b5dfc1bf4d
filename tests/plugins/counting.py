"""Counts of an estimate that are exact, however slow the machine is."""

import pytest

from waybill.work import sample

__all__ = ["exact_counts"]


@pytest.fixture(autouse=True)
def exact_counts(monkeypatch):
    """Wait for a count as long as it takes; a test of what is guessed sets the time itself."""
    monkeypatch.setattr(sample, "COUNT_SECONDS", 20)
