"""The pages of tokens: one's own for whoever holds a right, everybody's for administrators."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from desk.people import tokens
from desk.people.forms import TokenForm
from desk.staff.access import person, staff_only
from desk.staff.saving import saved

__all__ = ["listing", "new", "revoke"]

PAGE = 100


@staff_only
def listing(request: HttpRequest) -> HttpResponseBase:
    """List tokens, never their text: one's own, for administrators everybody's when asked for."""
    everybody = "everybody" in request.GET and person(request).is_staff
    rows = _seen(request, everybody=everybody)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "tokens": page.object_list, "everybody": everybody}
    return _page(request, "people/tokens.html", {**context, "now": timezone.now()})


@never_cache
@sensitive_variables()
@staff_only
def new(request: HttpRequest) -> HttpResponseBase:
    """Make a token of one's own; the answer shows its text, and nothing ever shows it again."""
    user = person(request)
    if not tokens.may_have_tokens(user):
        raise PermissionDenied
    form = TokenForm(request.POST or None, user=user)
    if made := saved(form, lambda: tokens.create_token(user, by=user, **form.wanted())):
        token, text = made
        return _page(request, "people/made_token.html", {"token": token, "text": text})
    return _page(request, "people/new_token.html", {"form": form})


@require_POST
@staff_only
def revoke(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Make a token useless; of somebody else's token only administrators hear that it is there."""
    token = get_object_or_404(_seen(request, everybody=True), pk=pk)
    tokens.revoke_token(token, by=person(request))
    messages.success(request, _("“%(name)s” is revoked.") % {"name": token.name})
    address = redirect("people:tokens")
    if token.user_id != person(request).pk:
        address["Location"] += "?everybody"
    return address


def _seen(request: HttpRequest, *, everybody: bool) -> Any:
    return tokens.tokens_seen(person(request), everybody=everybody)


def _page(request: HttpRequest, template: str, context: Mapping[str, Any]) -> HttpResponse:
    may_make = tokens.may_have_tokens(person(request))
    return render(request, template, {**context, "may_make": may_make})
