"""The command `load_assets`."""

from desk.demo.load.assets import load_assets
from desk.demo.load.command import LoadCommand

__all__ = ["Command"]


class Command(LoadCommand):
    """Load assets."""

    help = "Load assets from JSON lines, plain or .gz. Loading again adds nothing."
    load = staticmethod(load_assets)
