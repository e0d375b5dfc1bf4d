"""Codes that nobody else has."""

import re
from collections.abc import Collection, Sequence

from django.db import models

from desk.demo.load import bulk

__all__ = ["UniqueCodes", "is_form_of"]

SUFFIX = re.compile(r"~\d+")


def is_form_of(stored: str, wanted: str) -> bool:
    """Say whether a stored code is the wanted one, as it is or with a suffix."""
    return stored == wanted or (
        stored.startswith(wanted) and SUFFIX.fullmatch(stored, len(wanted)) is not None
    )


class UniqueCodes:
    """Hands out codes of one column; one that is taken gets a suffix: `A-1`, `A-1~2`."""

    def __init__(self, model: type[models.Model], field: str) -> None:
        self._model = model
        self._field = field
        self._last: dict[str, int] = {}

    def make(self, wanted: Sequence[str]) -> list[str]:
        """Give one code for each wanted one, in order, none of them stored or given before."""
        taken = self._stored(set(wanted))
        given: list[str] = []
        waiting: dict[int, int] = {}
        for place, code in enumerate(wanted):
            if code in taken:
                waiting[place] = 1
            taken.add(code)
            given.append(code)
        while waiting:
            for place, step in waiting.items():
                given[place] = self._next(wanted[place], step)
            taken |= self._stored({given[place] for place in waiting})
            # Steps double, so that ten thousand rows of one code do not take as many queries.
            waiting = {place: step * 2 for place, step in waiting.items() if given[place] in taken}
            taken.update(given)
        return given

    def _next(self, code: str, step: int) -> str:
        number = self._last[code] = self._last.get(code, 1) + step
        return f"{code}~{number}"

    def _stored(self, codes: Collection[str]) -> set[str]:
        return set(bulk.find_ids(self._model, self._field, codes))
