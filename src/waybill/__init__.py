"""Waybill: exports of Django querysets as files that are exact, permissioned and provable.

Safe to import before the apps are loaded.
"""

from waybill.declare.columns import Column
from waybill.declare.exports import Export
from waybill.declare.policy import Policy
from waybill.registry import register

__all__ = ["Column", "Export", "Policy", "__version__", "register"]

__version__ = "0.1.0"
