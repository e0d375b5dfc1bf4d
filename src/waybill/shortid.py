"""UUIDs as people and addresses see them: 22 characters of URL-safe Base64 (RFC 4648)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

__all__ = ["from_short", "to_short"]

SHORT = 22


def to_short(value: UUID) -> str:
    """Write a UUID in 22 characters."""
    return urlsafe_b64encode(value.bytes).decode().rstrip("=")


def from_short(text: str) -> UUID:
    """Read a short id or a full UUID; raises `ValueError` for anything else.

    Each UUID has one short id: other spellings of the same bits are refused.
    """
    if len(text) != SHORT:
        return UUID(text)
    value = UUID(bytes=urlsafe_b64decode(text.encode("ascii") + b"=="))
    if to_short(value) != text:
        raise ValueError(f"not a short id: {text!r}")
    return value
