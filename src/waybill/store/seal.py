"""Receipts are signed, so that a file can be proved long after it left (J6).

The signature is Ed25519 (RFC 8032) over the receipt as JSON with sorted keys, no spaces, ASCII
only, without the field `signature`.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from waybill import keys

__all__ = ["sign", "signed_by_us"]


def sign(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Give the receipt with the key's name and the signature."""
    key = keys.signing_key()
    receipt = {**facts, "key": key.id}
    signature = key.private.sign(_text(receipt))
    return receipt | {"signature": urlsafe_b64encode(signature).decode()}


def signed_by_us(receipt: Mapping[str, Any]) -> bool:
    """Say whether one of our keys signed exactly this receipt."""
    public = keys.public_keys().get(str(receipt.get("key", "")))
    if public is None:
        return False
    body = {name: value for name, value in receipt.items() if name != "signature"}
    try:
        signature = urlsafe_b64decode(str(receipt.get("signature", "")))
        Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(public)).verify(signature, _text(body))
    except (InvalidSignature, ValueError):
        return False
    return True


def _text(receipt: Mapping[str, Any]) -> bytes:
    return json.dumps(receipt, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()
