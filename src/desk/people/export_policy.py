"""Who may start, see and fetch an export of Desk (P1, P2)."""

from typing import Any

from desk.people.models import User
from waybill import Policy

__all__ = ["AdministratorsFetch", "StarterFetches"]


class _RightPolicy(Policy):
    """One system permission starts; the starter and administrators with the right may see."""

    def __init__(self, right: str) -> None:
        self.right = right

    def can_start(self, user: User, export: Any) -> bool:  # type: ignore[override]
        """Ask for the right alone: being an administrator grants nothing."""
        return user.has_perm(self.right)

    def can_see(self, user: User, job: Any) -> bool:  # type: ignore[override]
        """Let the starter see, and every administrator who holds the right."""
        return bool(job.requester_id == user.pk) or self.administers(user)

    def administers(self, user: User) -> bool:
        """Say whether the person is an administrator who holds the right."""
        return user.is_active and user.is_admin and user.has_perm(self.right)


class AdministratorsFetch(_RightPolicy):
    """Only administrators who hold the right fetch a file, whoever started it."""

    def can_download(self, user: User, job: Any) -> bool:  # type: ignore[override]
        """Ask for both."""
        return self.administers(user)


class StarterFetches(_RightPolicy):
    """Who started fetches too, while they hold the right."""

    def can_download(self, user: User, job: Any) -> bool:  # type: ignore[override]
        """Let the starter fetch, or an administrator, each with the right."""
        own = job.requester_id == user.pk and user.is_active and user.has_perm(self.right)
        return own or self.administers(user)
