"""What is tried again, how soon, and for how long (FAULTS 33)."""

import pytest
from django.db import InterfaceError, OperationalError

from waybill.work import patience
from waybill.work.stop import Stop
from waybill.work.taxonomy import Shutdown


@pytest.fixture
def pauses(monkeypatch, settings):
    """Collect the pauses instead of waiting; the clock goes on by them."""
    settings.WAYBILL = {**settings.WAYBILL, "patience_seconds": 90}
    taken = []

    class Clock:
        @staticmethod
        def monotonic():
            return sum(taken)

        sleep = staticmethod(taken.append)

    monkeypatch.setattr(patience, "time", Clock)
    monkeypatch.setattr(patience.database, "connection", lambda: Closed)
    return taken


class Closed:
    """A connection that can only be closed."""

    @staticmethod
    def close():
        """Do nothing."""


def failing(problem, times):
    left = [problem] * times

    def call():
        if left:
            raise left.pop()
        return "done"

    return call


@pytest.mark.parametrize("problem", [OperationalError, InterfaceError])
def test_what_passes_is_tried_again(problem, pauses):
    assert patience.patiently(failing(problem, 3)) == "done"
    assert len(pauses) == 3


def test_the_pauses_double_up_to_five_seconds_and_are_cut_by_chance(pauses):
    with pytest.raises(OperationalError):
        patience.patiently(failing(OperationalError, 1_000))
    bounds = [min(5.0, 0.1 * 2**place) for place in range(len(pauses))]
    assert all(bound / 2 <= pause <= bound for pause, bound in zip(pauses, bounds, strict=True))
    assert len({round(pause, 6) for pause in pauses[6:]}) > 1
    assert 80 < sum(pauses) <= 90


def test_what_cannot_pass_is_not_tried_again(pauses):
    with pytest.raises(ValueError, match="no"):
        patience.patiently(failing(ValueError("no"), 1))
    assert pauses == []


def test_a_worker_told_to_end_waits_for_no_database(pauses):
    stop = Stop()
    stop(Shutdown())
    with pytest.raises(Shutdown):
        patience.patiently(failing(OperationalError, 1), until=stop)
    assert pauses == []
