"""What others need to check a receipt by themselves: the public halves of the signing keys."""

from django.http import HttpRequest
from ninja import Field, Router, Schema

from waybill import keys

__all__ = ["router"]

router = Router(tags=["receipts"])


class PublicKey(Schema):
    """A key that signs receipts, or once did."""

    key: str = Field(description="The name that receipts call it by.")
    algorithm: str = Field(description="Always `Ed25519` (RFC 8032).")
    public_key: str = Field(description="32 bytes in URL-safe Base64.")


class PublicKeys(Schema):
    """All keys, the one in use first."""

    data: list[PublicKey]


@router.get(
    "/keys", response=PublicKeys, auth=None, url_name="keys", summary="Keys that sign receipts"
)
def public(request: HttpRequest) -> dict[str, list[dict[str, str]]]:
    """Give the public keys, to anybody: a file may be checked far away from here.

    The signature of a receipt covers its JSON with sorted keys, without spaces, in ASCII, without
    the field `signature`.
    """
    known = keys.public_keys().items()
    return {
        "data": [
            {"key": name, "algorithm": "Ed25519", "public_key": public} for name, public in known
        ]
    }
