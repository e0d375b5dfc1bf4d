"""The order of columns, where a page without JavaScript has a number typed beside each."""

from django.http import QueryDict

__all__ = ["PLACE", "placed"]

PLACE = "place."  # a form's numbers are named place.<column>
MOST_DIGITS = 6


def placed(form: QueryDict) -> list[str]:
    """Give the chosen columns of a form, in the order of the numbers where it has them.

    The columns were numbered as they stood. One that got a number goes before the one that had
    it where it moved up, and after it where it moved down.
    """
    chosen = [str(key) for key in form.getlist("columns")]
    stood = [name.removeprefix(PLACE) for name in form if name.startswith(PLACE)]
    places = {key: _place(form, key, stood=at) for at, key in enumerate(stood, 1)}
    return sorted(chosen, key=lambda key: places.get(key, (len(stood) + 1, 0)))


def _place(form: QueryDict, key: str, *, stood: int) -> tuple[int, int]:
    text = form.get(f"{PLACE}{key}", "").strip()
    number = int(text) if text.isdecimal() and len(text) <= MOST_DIGITS else stood
    return number, (number > stood) - (number < stood)
