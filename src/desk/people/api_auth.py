"""Who calls the API: a program by its token, or a person's own browser from a page of Desk."""

from copy import copy
from typing import Any

from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables
from ninja.security import HttpBearer, django_auth
from ninja.utils import check_csrf

from desk.people.tokens import find_token

__all__ = ["token_or_session"]


class TokenOrSession(HttpBearer):
    """A bearer token (RFC 6750) where the request has an `Authorization`, else the session.

    A request that shows a token is judged by it alone. The session counts only with the CSRF
    token that every form of Desk carries, or where it only reads, if the browser says that a page
    of ours asks (Fetch Metadata, `Sec-Fetch-Site`): no script can say so for it.
    """

    csrf = True  # so that the page for browsing the API sends the CSRF token

    @sensitive_variables()
    def __call__(self, request: HttpRequest) -> Any:
        """Give the caller, or None."""
        given = request.headers.get("Authorization")
        if given is None:
            known = request.user.is_authenticated and _from_our_page(request)
            return django_auth(request) if known else None
        scheme, _space, text = given.partition(" ")
        if scheme.lower() != "bearer" or "," in text:
            return None
        return self.authenticate(request, text.strip())

    @sensitive_variables()
    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Give the token's person, and note on the request what the token is good for."""
        found = find_token(token)
        if found is None:
            return None
        request.token_scopes = frozenset(found.scopes)  # type: ignore[attr-defined]
        request.user = found.user
        return found.user


def _from_our_page(request: HttpRequest) -> bool:
    """Say whether a page of ours sent this; of what changes something, the CSRF check says it."""
    if request.method not in {"GET", "HEAD"} or (
        request.headers.get("Sec-Fetch-Site") == "same-origin"
    ):
        return True
    if "X-CSRFToken" not in request.headers:
        return False
    # Django looks at the token of a request only where that could change something.
    strict = copy(request)
    strict.method = "POST"
    return check_csrf(strict) is None


token_or_session = TokenOrSession()
