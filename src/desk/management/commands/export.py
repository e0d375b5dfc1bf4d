"""Write an export of Desk: Waybill's own command under a shorter name."""

from waybill.management.commands.waybill_export import Command

__all__ = ["Command"]
