"""Desk itself as an app: the commands that belong to the whole."""

from django.apps import AppConfig

__all__ = ["DeskConfig"]


class DeskConfig(AppConfig):
    """Register the commands of the whole."""

    name = "desk"
    label = "desk"
