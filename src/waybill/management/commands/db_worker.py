"""`db_worker` of django-tasks-db, which also says that it is there.

It takes the place of the stock command where `waybill` stands before `django_tasks_db` in
`INSTALLED_APPS`; elsewhere all works as well, but workers that wait are not listed.
"""

from typing import Any

from django_tasks_db.management.commands.db_worker import Command as Stock

from waybill.work.presence import Presence

__all__ = ["Command"]


class Command(Stock):
    """Runs tasks from the database, with a sign of life."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Work until told to end."""
        with Presence():
            super().handle(*args, **options)
