"""What of their exports a person has been told in this session."""

from collections.abc import Iterable

from django.http import HttpRequest

from waybill.declare.policy import Person
from waybill.jobs import past
from waybill.models import ExportJob
from waybill.shortid import to_short

__all__ = ["tell", "untold"]

TOLD = "waybill.told"  # in the session: the short ids of exports whose end was shown
KEPT = 100  # of them: more than end in the ten minutes that an end is news


def untold(request: HttpRequest, by: Person) -> list[ExportJob]:
    """Give a person's exports that ended lately and that no page showed, and note them as told.

    The page that the request comes from shows its own export by itself.
    """
    ended = {to_short(job.pk): job for job in past.ended_lately(by)[:KEPT]}
    here = request.headers.get("HX-Current-URL", "")
    told = request.session.get(TOLD, [])
    fresh = {name: job for name, job in ended.items() if name not in told}
    _note(request, fresh)
    return [job for name, job in fresh.items() if f"/{name}/" not in here]


def tell(request: HttpRequest, name: str) -> None:
    """Note that a page showed how an export ended."""
    if name not in request.session.get(TOLD, []):
        _note(request, [name])


def _note(request: HttpRequest, names: Iterable[str]) -> None:
    if new := [*names]:
        request.session[TOLD] = [*request.session.get(TOLD, []), *new][-KEPT:]
