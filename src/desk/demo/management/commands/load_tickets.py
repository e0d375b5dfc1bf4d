"""The command `load_tickets`."""

from desk.demo.load.command import LoadCommand
from desk.demo.load.tickets import load_tickets

__all__ = ["Command"]


class Command(LoadCommand):
    """Load tickets with their comments and tags."""

    help = "Load tickets from JSON lines, plain or .gz. Loading again adds nothing."
    load = staticmethod(load_tickets)
