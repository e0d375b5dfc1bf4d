"""Tokens of the API: `wb_`, 256 random bits in Base62, and a checksum that scanners can check.

Stored is the SHA-256 alone: nobody can read a token out of the database, and with that many
random bits nothing slower than SHA-256 is called for.
"""

import hashlib
import secrets
import string
import zlib
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from desk.people import audit
from desk.people.models import Token, User

__all__ = [
    "Scope",
    "create_token",
    "find_token",
    "good_tokens",
    "may_have_tokens",
    "revoke_token",
    "tokens_seen",
]

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
SECRET_LETTERS = 43  # 62 ** 43 is above 2 ** 256
CHECK_LETTERS = 6
LENGTH = len("wb_") + SECRET_LETTERS + CHECK_LETTERS
USE_NOTED_EVERY = timedelta(minutes=1)  # so that a busy program does not write at each call


class Scope(StrEnum):
    """What a token is good for."""

    READ = "exports:read"
    WRITE = "exports:write"


def may_have_tokens(user: User) -> bool:
    """Say whether the person may make tokens of their own: whoever holds a right."""
    return user.is_active and bool(user.rights)


def tokens_seen(by: User, *, everybody: bool = False) -> QuerySet[Token]:
    """List the person's tokens, or for an administrator everybody's, the newest first."""
    tokens = Token.objects.select_related("user")
    return tokens if everybody and by.is_staff else tokens.filter(user=by)


def good_tokens() -> QuerySet[Token]:
    """Select the tokens that open something now."""
    lasting = Q(expires_at=None) | Q(expires_at__gt=Now())
    return Token.objects.filter(lasting, revoked_at=None, user__is_active=True)


@sensitive_variables()
@transaction.atomic
def create_token(
    user: User,
    *,
    name: str,
    by: User | None,
    scopes: Iterable[str] = tuple(Scope),
    expires_at: datetime | None = None,
) -> tuple[Token, str]:
    """Make a token; gives it and, this once, its text.

    People make tokens for themselves alone, `by` None, the system, for anybody. Raises
    `PermissionDenied` or `ValidationError`.
    """
    if by is not None and not (by.pk == user.pk and may_have_tokens(by)):
        raise PermissionDenied
    if expires_at is not None and expires_at <= timezone.now():
        raise ValidationError({"expires_at": _("A token has to be good for some time.")})
    wanted = list(dict.fromkeys(scopes))
    if unknown := [one for one in wanted if one not in set(Scope)]:
        raise ValidationError({"scopes": _("There is no scope “%s”.") % unknown[0]})
    if not wanted:
        raise ValidationError({"scopes": _("Choose what the token is good for.")})
    secret = "".join(secrets.choice(ALPHABET) for _place in range(SECRET_LETTERS))
    text = f"wb_{secret}{_checksum(secret)}"
    token = Token(
        user=user,
        name=name,
        hint=text[:7],
        digest=_digest(text),
        scopes=wanted,
        expires_at=expires_at,
    )
    token.full_clean()
    token.save()
    audit.record("token_created", by=by, about=user.username, token=token.hint, name=name)
    return token, text


@transaction.atomic
def revoke_token(token: Token, *, by: User | None) -> None:
    """Make a token useless from now on: one's own, or as an administrator anybody's.

    Raises `PermissionDenied`.
    """
    if by is not None and not (by.pk == token.user_id or by.is_staff):
        raise PermissionDenied
    if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=Now()):
        audit.record("token_revoked", by=by, about=token.user.username, token=token.hint)


@sensitive_variables()
def find_token(text: str) -> Token | None:
    """Find the token of that text, if it is good for something now; notes its use."""
    if not _well_formed(text):
        return None
    token = good_tokens().filter(digest=_digest(text)).select_related("user").first()
    if token is not None and _stale(token):
        Token.objects.filter(pk=token.pk).update(last_used_at=Now())
    return token


def _stale(token: Token) -> bool:
    return not token.last_used_at or timezone.now() - token.last_used_at > USE_NOTED_EVERY


@sensitive_variables()
def _well_formed(text: str) -> bool:
    secret, check = text[3:-CHECK_LETTERS], text[-CHECK_LETTERS:]
    shaped = len(text) == LENGTH and text.startswith("wb_") and text.isascii()
    return shaped and secrets.compare_digest(_checksum(secret), check)


@sensitive_variables()
def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@sensitive_variables()
def _checksum(secret: str) -> str:
    number, letters = zlib.crc32(secret.encode()), ""
    for _place in range(CHECK_LETTERS):
        number, digit = divmod(number, len(ALPHABET))
        letters = ALPHABET[digit] + letters
    return letters
