"""Saving a list as a view, and changing views."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from desk.staff.access import person, staff_only
from desk.staff.listing import read
from desk.staff.saving import first_problem, posted, saved
from desk.staff.sidebar import sidebar
from desk.views import actions, counts, queries
from desk.views.forms import ViewForm
from desk.views.models import SavedView
from desk.views.subjects import SUBJECTS

__all__ = ["count", "delete", "edit", "save", "update"]


@require_POST
@staff_only
def save(request: HttpRequest, subject: str) -> HttpResponseBase:
    """Keep a list, as its address describes it, as a view of one's own."""
    if subject not in SUBJECTS:
        raise Http404
    wanted = {
        **_list_of(request, None),
        "name": posted(request, "name"),
        "is_shared": "is_shared" in request.POST,
    }
    try:
        view = actions.create(subject, wanted, by=person(request))
    except ValidationError as error:
        messages.error(request, first_problem(error))
        return redirect(f"{reverse(f'{subject}:list')}?{request.POST.get('query', '')}")
    messages.success(request, _("“%(name)s” is saved.") % {"name": view.name})
    return _open(view)


@require_POST
@staff_only
def update(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Save a changed list to the view that it came from."""
    view = _found(request, pk)
    try:
        actions.change(view, _list_of(request, view), by=person(request))
    except ValidationError as error:
        messages.error(request, first_problem(error))
    else:
        messages.success(request, _("“%(name)s” is saved.") % {"name": view.name})
    return _open(view)


@staff_only
def edit(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Rename a view, or share it."""
    view = _found(request, pk)
    if not actions.may_change(view, person(request)):
        raise PermissionDenied
    form = ViewForm(request.POST or None, instance=_found(request, pk))
    if changed := saved(form, lambda: actions.change(view, form.cleaned_data, by=person(request))):
        messages.success(request, _("The view is saved."))
        return _open(changed)
    return render(request, "views/form.html", {"form": form, "view": view, "list_url": _url(view)})


@require_POST
@staff_only
def delete(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Delete a view; the rows it listed stay."""
    view = _found(request, pk)
    actions.delete(view, by=person(request))
    messages.success(request, _("“%(name)s” is deleted.") % {"name": view.name})
    return redirect(f"{view.subject}:list")


@staff_only
def count(request: HttpRequest, subject: str) -> HttpResponseBase:
    """Give the side bar with every number counted."""
    if subject not in SUBJECTS:
        raise Http404
    user, current = person(request), request.GET.get("view", "")
    totals = counts.count(user, subject)
    side = sidebar(
        user, subject, current=int(current) if current.isdecimal() else None, totals=totals
    )
    # Without the address it was asked by: a view that cannot be counted would be asked for ever.
    return render(request, side.template, {"side": replace(side, counts_url="")})


def _list_of(request: HttpRequest, view: SavedView | None) -> dict[str, Any]:
    """Read the list that a form describes as the values of a view."""
    wanted = read(QueryDict(request.POST.get("query", "")), view)
    return {
        "filters": dict(wanted.asked().filters),
        "search": wanted.search,
        "sort": wanted.sort,
        "columns": list(wanted.columns),
    }


def _found(request: HttpRequest, pk: int) -> SavedView:
    try:
        return queries.one(person(request), pk)
    except SavedView.DoesNotExist as error:
        raise Http404 from error


def _open(view: SavedView) -> HttpResponse:
    return redirect(_url(view))


def _url(view: SavedView) -> str:
    return f"{reverse(f'{view.subject}:list')}?view={view.pk}"
