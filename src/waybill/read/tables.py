"""The tables that a query reads, subqueries included."""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models.sql import Query

from waybill.values import Plan

__all__ = ["nodes", "plan_tables", "tables", "unmanaged"]

# Most of a query that names many rows is these, and there is nothing inside them.
PLAIN = (str, int, float, UUID, date, type(None))


def plan_tables(plan: Plan) -> set[str]:
    """Name every table that a plan and its children read."""
    found: set[str] = set()
    for one in (plan, *plan.children):
        found |= tables(one.select(one.frozen.requested_at).query)
    return found


def unmanaged(names: Collection[str]) -> set[str]:
    """Keep the tables that Django did not make, which may be views or lie on another server."""
    made = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
    }
    return set(names) - made


def tables(query: "Query") -> set[str]:
    """Name every table that the query or a query inside it reads."""
    found: set[str] = set()
    for node in nodes(query):
        if isinstance(node, Query):
            found.update(one.table_name for one in node.alias_map.values() if one.table_name)
            found.add(node.get_meta().db_table)
    return found


def nodes(query: "Query") -> Iterator[Any]:
    """Walk through all that a query is made of, each part once."""
    seen: set[int] = set()
    waiting: list[Any] = [query]
    while waiting:
        node = waiting.pop()
        if id(node) in seen or isinstance(node, PLAIN):
            continue
        seen.add(id(node))
        yield node
        waiting.extend(inside(node))


def inside(node: Any) -> Iterator[Any]:
    """Give what a query, a condition or an expression is made of."""
    if isinstance(node, Query):
        yield from node.annotations.values()
        yield node.where
        yield from node.combined_queries
        yield from (one for one in node.order_by if not isinstance(one, str))
        return
    if isinstance(node, list | tuple):
        yield from node
        return
    if hasattr(node, "get_source_expressions"):
        yield from node.get_source_expressions()
    yield from getattr(node, "children", None) or ()
    for name in ("query", "rhs", "lhs", "filtered_relation"):
        if (one := getattr(node, name, None)) is not None and not isinstance(one, str):
            yield one
