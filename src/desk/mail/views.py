"""The pages on which administrators read the mails that went to no server."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from desk.mail.folder import KeptMail, folder, kept, mails
from desk.staff.access import administrators_only

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
    """List the newest mails."""
    context = {"mails": list(mails(PAGE)), "folder": folder()}
    return render(request, "mail/list.html", context)


@require_safe
@administrators_only
def detail(request: HttpRequest, name: str) -> HttpResponseBase:
    """Show a mail's headers and its text."""
    return render(request, "mail/detail.html", {"mail": _found(name)})


@csp_override(MAIL_POLICY)
@require_safe
@administrators_only
def html(request: HttpRequest, name: str) -> HttpResponseBase:
    """Show a mail as the person sees it."""
    return HttpResponse(_found(name).html)


def _found(name: str) -> KeptMail:
    mail = kept(name)
    if mail is None:
        raise Http404
    return mail
