"""The `desk` command: Django's commands and our own, with Desk's settings."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured

from desk import embedded, env

__all__ = ["main"]


def main() -> None:
    """Run one command; what the environment lacks is said in one sentence."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(["desk", *sys.argv[1:]])
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except OperationalError:
        if os.environ.get("DATABASE_URL") or embedded.running():
            raise
        sys.exit(f"Desk is not running on {env.data_dir()}: start it with `desk up` first.")
