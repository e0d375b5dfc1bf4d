"""The same change to many selected rows, with the same history as one by one (D6)."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from desk.history import Change, in_words
from desk.people.models import User

__all__ = ["LIMIT", "set_on_many"]

LIMIT = 1_000  # rows in one go: about a second, while which they stay locked


@transaction.atomic
def set_on_many(
    visible: models.QuerySet[Any],
    chosen: Iterable[int],
    values: dict[str, Any],
    *,
    by: User | None,
    remember: Callable[..., None],
) -> set[int]:
    """Set the first of the values, and what follows from it, on the chosen rows that are visible.

    The others are passed over in silence. `remember` takes pairs of a row and its `Change`. Gives
    the ids of the rows that changed; raises `ValidationError` for too many at a time.
    """
    wanted = set(chosen)
    if len(wanted) > LIMIT:
        raise ValidationError(
            _("Choose at most %(limit)s rows at a time."), params={"limit": LIMIT}
        )
    field, value = next(iter(values.items()))
    rows = visible.model._default_manager.all()
    mine = visible.filter(pk__in=wanted)
    locked = rows.filter(pk__in=mine.values("pk")).select_for_update().order_by("pk")
    held = locked.values_list("pk", visible.model._meta.get_field(field).attname)
    differ = {pk for pk, key in held if key != (None if value is None else value.pk)}
    remember(_changes(rows.filter(pk__in=differ), field, value), by=by)
    rows.filter(pk__in=differ).update(**values, updated_at=Now())
    return differ


def _changes(
    rows: models.QuerySet[Any], field: str, value: Any
) -> Sequence[tuple[models.Model, Change]]:
    new = in_words(value)
    held = rows.select_related(field).only(field).order_by("pk")
    return [(row, Change(field=field, old=in_words(getattr(row, field)), new=new)) for row in held]
