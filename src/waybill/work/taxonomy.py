"""Which errors of a run are worth another attempt, and what people are told of each."""

from collections.abc import Mapping

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError

from waybill import errors

__all__ = ["Shutdown", "is_away", "sorted_out"]

SLEPT = "25P03"  # PostgreSQL: idle_in_transaction_session_timeout, of no class of its own in Django


class Shutdown(BaseException):
    """This process is told to end; what it runs is handed back."""


# The first line that fits counts. What fits none is our mistake: trying again cannot help.
KINDS: Mapping[type[BaseException], type[errors.RunFailed]] = {
    # Rows are only read: what is missing is our own row of before, lost in a failover.
    IntegrityError: errors.SourceGone,
    DatabaseError: errors.Unexpected,
    PermissionDenied: errors.RightLost,
    MemoryError: errors.MemoryShort,
    OSError: errors.StorageDown,
}


def sorted_out(problem: BaseException) -> errors.WaybillError:
    """Turn what a run raised into one of our errors, which says if a later attempt can help.

    The text of a foreign error is dropped: it may hold cells, addresses or secrets.
    """
    if isinstance(problem, errors.WaybillError):
        return problem
    if is_away(problem):
        return errors.SourceGone(type(problem).__name__)
    for kind, ours in KINDS.items():
        if isinstance(problem, kind):
            return ours(type(problem).__name__)
    return errors.Unexpected(type(problem).__name__)


def is_away(problem: BaseException) -> bool:
    """Say whether a connection broke, or something else that passes: a lock, a server that ends.

    Also where the server ended it because it stood still amid a transaction, as this process did.
    """
    slept = getattr(problem.__cause__, "sqlstate", "") == SLEPT
    return slept or isinstance(problem, (OperationalError, InterfaceError))
