"""Which mails a person wants to get."""

from desk.people.models import User

__all__ = ["wants"]


def wants(person: User, kind: str) -> bool:
    """Say whether the person wants mails of that kind: `completed`, `failed` or `expiring`."""
    return bool(getattr(person, f"mail_{kind}", True))
