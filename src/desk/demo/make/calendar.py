"""When things happen at a desk: in business hours, in bursts, more every month."""

from bisect import bisect_right
from datetime import datetime, timedelta
from itertools import accumulate

from desk.demo.make.dice import Dice

__all__ = ["BUSY_HOUR", "Calendar"]

DAYS = 730
HOUR = 3600  # seconds
# How much happens in each hour of a working day, a busy hour of the last month being 10.
HOURS = (
    0.2,
    0.1,
    0.1,
    0.1,
    0.2,
    0.5,
    2,
    6,
    10,
    10,
    9,
    8,
    6,
    7,
    9,
    9,
    8,
    6,
    3,
    1.5,
    1,
    0.8,
    0.5,
    0.3,
)
BUSY_HOUR = 10.0
WEEKEND = 0.06
BURST = 2.5  # a printer dies, a certificate ends
BURST_EVERY = 19  # days, on average


class Calendar:
    """Turns an amount of what happened so far into the moment at which it has happened."""

    def __init__(self, ends: datetime, *, seed: int) -> None:
        self._start = int((ends - timedelta(days=DAYS)).timestamp())
        first = ends - timedelta(days=DAYS)
        weights = [_weight(first + timedelta(hours=hour), hour, seed) for hour in range(DAYS * 24)]
        self._until = list(accumulate(weights, initial=0.0))
        self.ends = int(ends.timestamp())
        self.whole = self._until[-1]

    def moment(self, amount: float) -> int:
        """Give the second of the epoch; past the end time runs on in busy hours."""
        if amount >= self.whole:
            return self.ends + int((amount - self.whole) / BUSY_HOUR * HOUR)
        hour = bisect_right(self._until, amount) - 1
        part = (amount - self._until[hour]) / (self._until[hour + 1] - self._until[hour])
        return self._start + int((hour + part) * HOUR)


def _weight(at: datetime, hour: int, seed: int) -> float:
    day = hour // 24
    growth = 0.45 + 0.55 * day / DAYS
    burst = BURST if Dice(seed, at.toordinal()).roll(BURST_EVERY) == 0 else 1.0
    weekend = WEEKEND if at.weekday() >= 5 else 1.0
    return HOURS[at.hour] * growth * burst * weekend
