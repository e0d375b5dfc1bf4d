"""The points of a run at which tests let a worker die, stand still or fail.

Nothing happens at them unless the setting `fault_hook` names a function, which the settings
refuse outside of tests.
"""

from uuid import UUID

from django.utils.module_loading import import_string

from waybill import conf

__all__ = ["POINTS", "reached"]

POINTS = (
    "claimed",
    "counted",
    "rows",
    "written",
    "announced",
    "stored",
    "committed",
    "notice_claimed",
    "notice_accepted",
    "notice_noted",
)


def reached(point: str, job_id: UUID, *, rows: int = 0) -> None:
    """Tell the hook of the tests, if there is one, that a run stands at a point."""
    if hook := conf.settings().fault_hook:
        import_string(hook)(point, job_id, rows)
