"""Log lines as JSON, one object a line, with what they name as fields."""

import json
import logging
import re
from datetime import UTC, datetime

__all__ = ["JsonLines"]

# A conversion of the %-format, with the name that stands before it: "rows=%d".
PLACE = re.compile(r"(?:(\w+)=)?%[-#0 +]*\d*(?:\.\d+)?[a-zA-Z]")


class JsonLines(logging.Formatter):
    """Writes time, level, logger and message, and each `name=%s` of the message as a field."""

    def format(self, record: logging.LogRecord) -> str:
        """Write one line."""
        said: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "process": record.process,
        }
        said |= _fields(record)
        if record.exc_info:
            said["exception"] = self.formatException(record.exc_info)
        return json.dumps(said, ensure_ascii=False, default=str)


def _fields(record: logging.LogRecord) -> dict[str, object]:
    """Give the named values of a message; none may take the place of a field of every line."""
    if not isinstance(record.msg, str) or not isinstance(record.args, tuple):
        return {}
    names = PLACE.findall(record.msg)
    named = zip(names, record.args, strict=False)
    taken = {"time", "level", "logger", "message", "process", "exception"}
    return {name: _plain(value) for name, value in named if name and name not in taken}


def _plain(value: object) -> object:
    return value if isinstance(value, int | float) else str(value)
