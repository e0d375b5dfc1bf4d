"""The pages on which administrators read the mails that went to no server."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from desk.mail.folder import KeptMail, folder, kept, mails
from desk.people.models import User
from desk.staff.access import administrators_only, person
from waybill.jobs import queries

__all__ = ["detail", "html", "listing"]

PAGE = 100

# A mail brings its style along; nothing else in it may run, load or post.
MAIL_POLICY = {
    "default-src": ["'none'"],
    "style-src": ["'unsafe-inline'"],
    "sandbox": ["allow-popups", "allow-popups-to-escape-sandbox"],
    "frame-ancestors": ["'none'"],
}


@require_safe
@administrators_only
def listing(request: HttpRequest) -> HttpResponseBase:
    """List the newest mails that the person may read."""
    context = {"mails": _readable(person(request)), "folder": folder()}
    return render(request, "mail/list.html", context)


@require_safe
@administrators_only
def detail(request: HttpRequest, name: str) -> HttpResponseBase:
    """Show a mail's headers and its text."""
    return render(request, "mail/detail.html", {"mail": _found(request, name)})


@csp_override(MAIL_POLICY)
@require_safe
@administrators_only
def html(request: HttpRequest, name: str) -> HttpResponseBase:
    """Show a mail as the person sees it."""
    return HttpResponse(_found(request, name).html)


def _readable(by: User) -> list[KeptMail]:
    """Give mails as far as the person may know of the exports that they tell of (P2)."""
    every = list(mails())
    told = {mail.identity for mail in every if mail.identity}
    theirs = queries.notices_seen(by, told)
    return [mail for mail in every if not mail.identity or mail.identity in theirs][:PAGE]


def _found(request: HttpRequest, name: str) -> KeptMail:
    mail = kept(name)
    if mail is None:
        raise Http404
    told = mail.identity
    if told and told not in queries.notices_seen(person(request), {told}):
        raise Http404
    return mail
