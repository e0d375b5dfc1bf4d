"""The orders a list can have, each one total: no two rows are level."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import BigIntegerField, ExpressionWrapper, F, Value
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

__all__ = ["Order", "Sort", "by_rank", "ordered", "rank_of"]

ROWS_A_RANK = 2**40  # more related rows than any desk has, so that rank and id make one number


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """A declared sort: by a field of the row, or by the rank of a related row.

    Nulls stand where PostgreSQL has them: last going up, first going down. Rows that are level
    follow each other by primary key, in the same direction.
    """

    field: str
    ranked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A sort in one direction."""

    key: str
    sort: Sort
    descending: bool

    @property
    def name(self) -> str:
        """Give the order as people write it: `-created_at`."""
        return f"-{self.key}" if self.descending else self.key


def by_rank(relation: str) -> Combinable:
    """Order rows by a related row's rank, and by its id where two ranks are the same.

    The expression is what an export sorts such a column by.
    """
    return _together(f"{relation}__rank", f"{relation}_id")


def rank_of() -> Combinable:
    """Give the same number from the related row itself."""
    return _together("rank", "pk")


def _together(rank: str, pk: str) -> Combinable:
    # Without its own type the number would be compared as a rank, which it never fits.
    return ExpressionWrapper(F(rank) * Value(ROWS_A_RANK) + F(pk), output_field=BigIntegerField())


def ordered(sorts: dict[str, Sort], name: str) -> Order:
    """Find the order that a name such as `-created_at` means.

    Raises `ValidationError` with the names there are.
    """
    key = name.removeprefix("-")
    if key not in sorts:
        raise ValidationError(
            {
                "sort": _("A list cannot be sorted by “%(name)s”. Accepted: %(accepted)s.")
                % {"name": name[:100], "accepted": ", ".join(sorts)}
            }
        )
    return Order(key=key, sort=sorts[key], descending=name.startswith("-"))
