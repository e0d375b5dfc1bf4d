"""A progress line on a terminal."""

import time
from collections.abc import Callable
from typing import TextIO

from django.utils.translation import gettext as _

__all__ = ["Meter", "span"]

WIDTH = 24  # of the bar, in characters
PAUSE = 0.2  # seconds between two drawings


class Meter:
    """Draws rows, rows a second and time left over one line; silent where nobody watches."""

    def __init__(self, out: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self.out = out
        self.clock = clock
        self.started = clock()
        self.drawn = 0.0
        self.watched = out.isatty()

    def __call__(self, rows: int, total: int) -> None:
        """Hear of the rows so far and of all rows."""
        now = self.clock()
        if not self.watched or (now - self.drawn < PAUSE and rows < total):
            return
        self.drawn = now
        self.out.write("\r\x1b[K" + self.line(rows, total, now - self.started))
        self.out.flush()

    def line(self, rows: int, total: int, seconds: float) -> str:
        """Say how far it is: bar, rows, rows a second, time left."""
        done = rows / total if total else 1.0
        speed = rows / seconds if seconds > 0 else 0.0
        left = (total - rows) / speed if speed else 0.0
        bar = "█" * round(WIDTH * done)
        return _("%(bar)s %(rows)s of %(total)s rows, %(speed)s rows/s, %(left)s left") % {
            "bar": f"{bar:░<{WIDTH}}",
            "rows": f"{rows:,}",
            "total": f"{total:,}",
            "speed": f"{speed:,.0f}",
            "left": span(left),
        }

    def end(self) -> None:
        """Leave the line."""
        if self.watched and self.drawn:
            self.out.write("\n")
            self.out.flush()


def span(seconds: float) -> str:
    """Write a time span as minutes and seconds."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
