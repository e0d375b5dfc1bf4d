"""Keeping what was chosen in the dialog under a name, and dropping it again."""

from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from waybill import errors
from waybill.jobs import presets
from waybill.staff import ask
from waybill.staff.access import page, person
from waybill.staff.dialog import draw, startable

__all__ = ["drop", "keep"]


@page
@require_POST
def keep(request: HttpRequest, resource: str) -> HttpResponseBase:
    """Save the dialog's choices as a preset, and show the dialog as it was."""
    export = startable(request, resource)
    try:
        kept = presets.save(
            person(request),
            resource,
            name=request.POST.get("preset_name", ""),
            shared="preset_shared" in request.POST,
            choices=ask.chosen(request.POST),
        )
    except errors.BadOption:
        problem = _("Give the preset a name first.")
        return draw(request, export, request.POST, problem=problem, status=400)
    except errors.RequestRefused as refused:
        return draw(request, export, request.POST, problem=str(refused), status=400)
    said = _("“%(name)s” is saved.") % {"name": kept.name}
    return draw(request, export, request.POST, said=said)


@page
@require_POST
def drop(request: HttpRequest, resource: str) -> HttpResponseBase:
    """Delete a preset of one's own, and show the dialog."""
    export = startable(request, resource)
    preset = request.POST.get("preset", "")
    number = int(preset) if preset.isdecimal() and len(preset) < 18 else 0
    known = presets.one(person(request), resource, number)
    if known is None:
        raise Http404
    if not presets.delete(person(request), resource, known.pk):
        problem = _("Only its owner may delete this preset.")
        return draw(request, export, request.POST, problem=problem, status=403)
    said = _("“%(name)s” is deleted.") % {"name": known.name}
    return draw(request, export, request.POST, said=said)
