"""Whether a query looks at the session's time zone."""

from typing import Any

from django.db.models import Case, Exists, OrderBy, OuterRef, Subquery, Value, When
from django.db.models.expressions import Col, ResolvedOuterRef
from django.db.models.sql import Query
from django.db.models.sql.where import WhereNode

from waybill.read.tables import nodes

__all__ = ["indifferent"]

# Casts and functions are not among them: a time cast to a text or a date, or a day added to a
# time, comes out differently in another zone.
SAFE = (
    Case, Col, Exists, OrderBy, OuterRef, Query, ResolvedOuterRef, Subquery, Value, WhereNode, When,
)  # fmt: skip
SAFE_MODULES = ("django.db.models.lookups", "django.db.models.fields.related_lookups")


def indifferent(query: Query) -> bool:
    """Say whether the query surely gives the same in every time zone of the session."""
    return all(safe(node) for node in nodes(query))


def safe(node: Any) -> bool:
    """Say whether one part of a query does: plain values, columns, conditions, comparisons."""
    if not hasattr(node, "as_sql"):
        return True
    return type(node) in SAFE or type(node).__module__ in SAFE_MODULES
