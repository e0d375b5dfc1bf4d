"""Desk itself as an app: the commands that belong to the whole, and how its connections behave."""

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

__all__ = ["IDLE_SECONDS", "DeskConfig"]

# So long may a transaction stand still; then PostgreSQL ends it. A process that was stopped, or
# whose host was cut off, would hold what it had locked for two hours, and every export writes to
# the end of one log. Half of a lease: those who wait for the log must not lose theirs by it.
IDLE_SECONDS = 10


class DeskConfig(AppConfig):
    """Register the commands of the whole."""

    name = "desk"
    label = "desk"

    def ready(self) -> None:
        """Let no connection hold locks in its sleep."""
        connection_created.connect(_bound, dispatch_uid="desk.apps.bound")


def _bound(connection: "BaseDatabaseWrapper", **_signal: Any) -> None:
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_SECONDS}s'")
