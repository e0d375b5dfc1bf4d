"""Where a page of a list begins, as a word for its address."""

from dataclasses import asdict, dataclass
from typing import Any

from django.core import signing
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

__all__ = ["Cursor", "read", "write"]

SALT = "desk.lists.cursor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The last row seen and the way to go on from it.

    `value` is what the row is sorted by, as JSON has it, and `pk` its primary key. `number` is
    the place in the list of the next row on the way. `total`, `exact` and `uncounted` are what the
    first page knew of the number of rows, so that the pages after it need not count again.
    """

    sort: str
    older: bool
    value: Any
    pk: int
    number: int
    total: int
    exact: bool
    uncounted: bool = False


def write(cursor: Cursor) -> str:
    """Give the cursor as a signed word."""
    return signing.dumps(list(asdict(cursor).values()), salt=SALT)


def read(word: str, *, sort: str) -> Cursor | None:
    """Read a cursor of that sort; None where there is none, which is the first page.

    Raises `ValidationError` for one that was not written here.
    """
    if not word:
        return None
    try:
        cursor = Cursor(**dict(zip(Cursor.__slots__, signing.loads(word, salt=SALT), strict=True)))
    except (signing.BadSignature, ValueError, TypeError):
        raise ValidationError(
            {"cursor": _("This address is damaged. Start from the first page.")}
        ) from None
    return cursor if cursor.sort == sort else None
