"""The entry for web servers."""

import os
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from desk import env

__all__ = ["application"]

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.settings")

handle = get_wsgi_application()
SEND_SECONDS = env.number("DESK_SEND_SECONDS", 60)


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer a request; a client that takes no bytes for SEND_SECONDS loses its connection.

    Whoever stops reading would else hold a thread for as long as they like. gunicorn gives the
    socket, and closes the answer when a write to it fails.
    """
    line = environ.get("gunicorn.socket")
    if line is not None:
        line.settimeout(SEND_SECONDS or None)
    return handle(environ, start_response)
