"""Answers a request for a list page, whatever its subject."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from desk.people.models import User
from desk.staff.access import person
from desk.staff.listpage import Kind, ListPage, list_page
from desk.staff.navigation import Find
from desk.staff.sidebar import sidebar
from desk.views import counts, queries
from desk.views.models import SavedView

__all__ = ["show_deleted", "show_list"]

SHORTCUTS = (("csv", _("CSV of this list, now")), ("excel", _("Excel of this list, now")))


def show_list(
    request: HttpRequest, kind: Kind, template: str, context: Mapping[str, Any]
) -> HttpResponse:
    """Give the page of a list that the address asks for, with the views beside it."""
    page = list_page(request, kind, _view(request, kind))
    shown = {"page": page, "find": _find(page, kind), "side": _side(page, kind)}
    # A second press of a button is the same wish: the server knows it by the button's key.
    shortcuts = [(form, label, secrets.token_urlsafe(16)) for form, label in SHORTCUTS]
    return render(request, template, {**context, **shown, "export_shortcuts": shortcuts})


def show_deleted(request: HttpRequest, kind: Kind) -> HttpResponse:
    """Give a page of what was deleted: to find and to open, not to save, change or export."""
    page = list_page(request, kind, None)
    totals = counts.at_hand(page.user, kind.subject)
    side = sidebar(page.user, kind.subject, current=None, totals=totals, at=request.path)
    return render(
        request, "desk/deleted.html", {"page": page, "find": _find(page, kind), "side": side}
    )


def _view(request: HttpRequest, kind: Kind) -> SavedView | None:
    """Find the view to open: the one asked for, or the first one where nothing is asked."""
    user = person(request)
    if not request.GET:
        return queries.default(user, kind.subject)
    asked = request.GET.get("view", "")
    if not asked:
        return None
    return _one(user, asked, kind)


def _one(user: User, asked: str, kind: Kind) -> SavedView:
    try:
        view = queries.one(user, int(asked))
    except (SavedView.DoesNotExist, ValueError, OverflowError) as error:
        raise Http404 from error
    if view.subject != kind.subject:
        raise Http404
    return view


def _find(page: ListPage, kind: Kind) -> Find:
    return Find(
        action=page.path, label=kind.search_label, text=page.search, kept=(*page.kept_but_search,)
    )


def _side(page: ListPage, kind: Kind) -> object:
    totals = counts.at_hand(page.user, kind.subject)
    if page.view is not None and not page.changed and not page.problem:
        totals = {**totals, page.view.pk: page.found.total}
    current = page.view.pk if page.view else None
    return sidebar(page.user, kind.subject, current=current, totals=totals)
