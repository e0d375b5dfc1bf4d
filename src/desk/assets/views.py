"""Pages of single assets: read, make, edit, delete and restore."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from desk.assets import actions, queries
from desk.assets.forms import AssetForm
from desk.assets.models import Asset
from desk.staff.access import person, staff_only
from desk.staff.deleted import unless_deleted
from desk.staff.saving import saved, tell_replaced

__all__ = ["create", "delete", "detail", "edit", "restore"]

WIDE = ("name",)
TICKETS_SHOWN = 20
CHANGES_SHOWN = 200


@staff_only
def detail(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Show an asset, its history, and the tickets that point at it."""
    asset = _found(request, pk)
    tickets = [*queries.tickets_of(asset, person(request))[: TICKETS_SHOWN + 1]]
    most = None if "all" in request.GET else CHANGES_SHOWN + 1
    changes = [*queries.changes(asset).reverse()[:most]]
    earlier = len(changes) == most
    context = {
        "asset": asset,
        "changes": (changes[:-1] if earlier else changes)[::-1],
        "earlier": earlier,
        "tickets": tickets[:TICKETS_SHOWN],
        "more": len(tickets) > TICKETS_SHOWN,
    }
    return render(request, "assets/detail.html", context)


@staff_only
def create(request: HttpRequest) -> HttpResponseBase:
    """Make an asset."""
    form = AssetForm(request.POST or None)
    if made := saved(form, lambda: actions.create(form.changes(), by=person(request))):
        messages.success(request, _("%(name)s is added.") % {"name": made.name})
        tell_replaced(request, form)
        return redirect("assets:detail", made.pk)
    return render(request, "assets/form.html", {"form": form, "wide": WIDE})


@staff_only
@unless_deleted(Asset, "assets:detail", gettext_lazy("The asset is deleted: restore it first."))
def edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Change an asset."""
    asset = _found(request, pk)
    # Validating writes into the form's instance, so it gets one of its own.
    form = AssetForm(request.POST or None, instance=_found(request, pk))
    if saved(form, lambda: actions.edit(asset, form.changes(), by=person(request))):
        messages.success(request, _("Your changes are saved."))
        tell_replaced(request, form)
        return redirect("assets:detail", pk)
    return render(request, "assets/form.html", {"form": form, "asset": asset, "wide": WIDE})


@require_POST
@staff_only
def delete(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take an asset out of every list."""
    return _do(request, pk, actions.delete, _("The asset is deleted. It can be restored here."))


@require_POST
@staff_only
def restore(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Bring a deleted asset back."""
    return _do(request, pk, actions.restore, _("The asset is back."))


def _found(request: HttpRequest, pk: int) -> Asset:
    try:
        return queries.one(person(request), pk)
    except Asset.DoesNotExist as error:
        raise Http404 from error


def _do(request: HttpRequest, pk: int, action: Callable[..., Asset], done: str) -> HttpResponse:
    action(_found(request, pk), by=person(request))
    messages.success(request, done)
    return redirect("assets:detail", pk)
