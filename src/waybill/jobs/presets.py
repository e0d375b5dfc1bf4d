"""What people chose in the dialog: kept under names, mine or shared, and the last of each view."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db.models import Q
from django.db.models.functions import Now

from waybill import errors
from waybill.declare.policy import Person
from waybill.jobs import database
from waybill.models import ExportPreset

if TYPE_CHECKING:
    from django.db.models import QuerySet

__all__ = ["Pairs", "delete", "last", "one", "remember", "save", "usable"]

type Pairs = Sequence[Sequence[str]]

NAMED = 100  # presets a person may keep of one kind of export
REMEMBERED = 50  # views of which a person's last choice is kept
LENGTH = 80  # characters of a name
SIZE = 100_000  # characters of all choices together


def usable(by: Person, resource: str) -> "QuerySet[ExportPreset]":
    """Select the named presets that a person can apply: their own, and what others share."""
    named = _all().filter(resource=resource).exclude(name="")
    open_to = named.filter(Q(owner_id=by.pk) | Q(shared=True))
    return open_to.select_related("owner").order_by("name", "id")


def one(by: Person, resource: str, pk: int) -> ExportPreset | None:
    """Give a preset that the person can apply, None for any other."""
    return usable(by, resource).filter(pk=pk).first()


def save(by: Person, resource: str, *, name: str, shared: bool, choices: Pairs) -> ExportPreset:
    """Keep choices under a name; one's own preset of that name is replaced.

    Raises `BadOption` for a name that is empty, `BadText` for one that cannot be stored, and
    `TooMuch` where the name, the choices or the presets are too many.
    """
    name = name.strip()
    _check(name, choices)
    mine = _all().filter(owner_id=by.pk, resource=resource)
    known = mine.exclude(name="").exclude(name=name).count()
    if known >= NAMED:
        raise errors.TooMuch(field="preset", value=known, accepted=[NAMED])
    return _keep(by, resource, name=name, view="", values={"shared": shared, "choices": choices})


def delete(by: Person, resource: str, pk: int) -> bool:
    """Delete a preset of one's own; says whether there was one."""
    mine = usable(by, resource).filter(pk=pk, owner_id=by.pk)
    return bool(mine.delete()[0])


def last(by: Person, resource: str, view: str) -> Pairs:
    """Give what a person chose last for a view, else last of all; nothing at the first time."""
    mine = _all().filter(owner_id=by.pk, resource=resource, name="").order_by("-updated_at")
    found = mine.filter(view=view[:200]).first() or mine.first()
    return found.choices if found else ()


def remember(by: Person, resource: str, *, view: str, choices: Pairs) -> None:
    """Keep what a person chose for a view; the oldest beyond fifty is forgotten."""
    if sum(len(value) for _name, value in choices) > SIZE:
        return
    _keep(by, resource, name="", view=view[:200], values={"choices": choices})
    mine = _all().filter(owner_id=by.pk, resource=resource, name="").order_by("-updated_at")
    old = [*mine.values_list("pk", flat=True)[REMEMBERED:]]
    _all().filter(pk__in=old).delete()


def _keep(
    by: Person, resource: str, *, name: str, view: str, values: dict[str, object]
) -> ExportPreset:
    kept, _made = _all().update_or_create(
        owner_id=by.pk,
        resource=resource,
        name=name,
        view=view,
        defaults={**values, "updated_at": Now()},
    )
    return kept


def _check(name: str, choices: Pairs) -> None:
    if not name:
        raise errors.BadOption(field="preset", value=name, accepted=["a name"])
    if "\x00" in name:
        raise errors.BadText(field="preset")
    if len(name) > LENGTH:
        raise errors.TooMuch(field="preset", value=len(name), accepted=[LENGTH])
    size = sum(len(value) for _name, value in choices)
    if size > SIZE:
        raise errors.TooMuch(field="preset", value=size, accepted=[SIZE])


def _all() -> "QuerySet[ExportPreset]":
    return ExportPreset.objects.using(database.alias())
