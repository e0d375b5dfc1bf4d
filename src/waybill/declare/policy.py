"""Who may start, see and download an export."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from waybill.declare.exports import Export

__all__ = ["Intended", "Person", "Policy", "Retired", "may_start"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Intended:
    """Stands for the job of an export that has none yet, where a policy is asked about it."""

    requester_id: Any
    resource: str


class Person(Protocol):
    """What Waybill asks of a host's user."""

    pk: Any
    is_active: Any

    def has_perm(self, perm: str, /) -> bool:
        """Say whether the person has the permission."""


class Policy:
    """Who may do what: by default the `view` permission starts, and one's own can be fetched.

    A host overrides any of the three. `job` has the attributes `requester_id` and `resource`.
    """

    def can_start(self, user: Person, export: "Export") -> bool:
        """Say whether the person may start this export."""
        meta = export.model._meta
        return user.has_perm(f"{meta.app_label}.view_{meta.model_name}")

    def can_see(self, user: Person, job: Any) -> bool:
        """Say whether the person may know of this export."""
        return bool(job.requester_id == user.pk)

    def can_download(self, user: Person, job: Any) -> bool:
        """Say whether the person may fetch this export's file."""
        return self.can_see(user, job)


class Retired(Policy):
    """Of an export that is declared no more: its requester still sees what it was."""

    def can_start(self, user: Person, export: "Export") -> bool:
        """Say no: there is nothing to start."""
        return False

    def can_download(self, user: Person, job: Any) -> bool:
        """Say no: nobody can tell any more whose columns these are."""
        return False


def may_start(user: Person | None, export: "Export") -> bool:
    """Say whether the person may start the export; the system, None, may start every one."""
    if user is None:
        return True
    return bool(user.is_active) and export.policy.can_start(user, export)
