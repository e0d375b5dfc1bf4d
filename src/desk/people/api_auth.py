"""Who calls the API: a program by its token, or a person's own browser with a CSRF token."""

from typing import Any

from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables
from ninja.security import HttpBearer, django_auth

from desk.people.tokens import find_token

__all__ = ["token_or_session"]


class TokenOrSession(HttpBearer):
    """A bearer token (RFC 6750) where the request has an `Authorization`, else the session.

    A request that shows a token is judged by it alone. The session counts only with the CSRF
    token that every form of Desk carries.
    """

    @sensitive_variables()
    def __call__(self, request: HttpRequest) -> Any:
        """Give the caller, or None."""
        given = request.headers.get("Authorization")
        if given is None:
            return django_auth(request) if request.user.is_authenticated else None
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


token_or_session = TokenOrSession()
