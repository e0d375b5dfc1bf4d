"""The keys of an installation: made by the first command that needs one, kept 0600 (rule Z4).

The key of the audit's seals is 32 random bytes. Signing keys are Ed25519 (RFC 8032); the newest
signs, the older ones stay so that receipts signed with them can be checked.
"""

import hashlib
import hmac
import os
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.signals import setting_changed

from waybill import conf

__all__ = [
    "SigningKey",
    "audit_key",
    "installation",
    "public_keys",
    "rotate_signing_key",
    "signing_key",
]

AUDIT_FILE = "waybill-audit"
SIGNING_FILES = "waybill-signing-*"


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key with the name that receipts call it by."""

    id: str
    private: Ed25519PrivateKey

    @property
    def public(self) -> str:
        """The public half, 32 bytes in URL-safe Base64."""
        return _to_text(self.private.public_key().public_bytes_raw())


@cache
def audit_key() -> bytes:
    """Give the key of the audit's seals."""
    if given := conf.settings().audit_key:
        return hashlib.sha256(given.encode()).digest()
    return _kept(conf.settings().keys / AUDIT_FILE)


@cache
def installation() -> str:
    """Give 8 hex digits that tell this installation's objects from others' in one storage."""
    return hmac.new(audit_key(), b"installation", hashlib.sha256).hexdigest()[:8]


@cache
def signing_key() -> SigningKey:
    """Give the key that signs receipts today."""
    if given := _given():
        return given[0]
    newest = sorted(conf.settings().keys.glob(SIGNING_FILES))
    return _signing(_kept(newest[-1] if newest else conf.settings().keys / _numbered(1)))


def rotate_signing_key() -> SigningKey:
    """Make a new signing key; receipts signed with the older ones stay good."""
    signing_key()
    made = len(list(conf.settings().keys.glob(SIGNING_FILES)))
    _kept(conf.settings().keys / _numbered(made + 1))
    signing_key.cache_clear()
    return signing_key()


def public_keys() -> Mapping[str, str]:
    """Give the public half of every signing key by its name, the one in use first."""
    current = signing_key()
    older = [_signing(_kept(file)) for file in sorted(conf.settings().keys.glob(SIGNING_FILES))]
    return {key.id: key.public for key in (current, *_given(), *reversed(older))}


def _given() -> list[SigningKey]:
    """Give the keys made of the setting `signing_key`, the one in use first."""
    secrets_given = conf.settings().signing_key.split()
    return [_signing(hashlib.sha256(one.encode()).digest()) for one in secrets_given]


def _numbered(number: int) -> str:
    return SIGNING_FILES.replace("*", f"{number:04d}")


def _signing(seed: bytes) -> SigningKey:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public = private.public_key().public_bytes_raw()
    return SigningKey(id=hashlib.sha256(public).hexdigest()[:16], private=private)


def _kept(file: Path) -> bytes:
    if not file.exists():
        _make(file)
    return _from_text(file.read_text().strip())


def _make(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write(_to_text(secrets.token_bytes(32)) + "\n")
        out.flush()
        os.fsync(out.fileno())
    try:
        # A link never replaces: of two processes that start together, both read the first one's.
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _to_text(key: bytes) -> str:
    return urlsafe_b64encode(key).decode()


def _from_text(text: str) -> bytes:
    return urlsafe_b64decode(text)


def _forget(*, setting: str, **_: object) -> None:
    if setting == "WAYBILL":
        audit_key.cache_clear()
        installation.cache_clear()
        signing_key.cache_clear()


setting_changed.connect(_forget)
