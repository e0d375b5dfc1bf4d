"""`Now()` in a query, bound to one instant: count, rows and child rows then mean the same."""

import copy
from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, Q, QuerySet, Value
from django.db.models.functions import Now
from django.db.models.sql import Query

__all__ = ["fixed"]


def fixed(rows: "QuerySet[Any, Any]", at: datetime) -> "QuerySet[Any, Any]":
    """Give the rows with every `Now()` replaced: in columns, conditions, order and subqueries."""
    query = bound(rows.query, at)
    if query is rows.query:
        return rows
    again = rows.all()
    again.query = query
    return again


def bound(node: Any, at: datetime) -> Any:
    """Replace `Now()` everywhere inside a part of a query; a part without it stays itself."""
    if isinstance(node, Now):
        return Value(at, output_field=DateTimeField())
    if isinstance(node, Query):
        return bound_query(node, at)
    if isinstance(node, Q):
        return with_parts(node, node.children, at, "children")
    if isinstance(node, tuple | list):
        changed = [bound(one, at) for one in node]
        same = all(new is old for new, old in zip(changed, node, strict=True))
        return node if same else type(node)(changed)
    if hasattr(node, "get_source_expressions"):
        return with_sources(node, at)
    return node


def with_sources(node: Any, at: datetime) -> Any:
    """Replace inside what an expression or a condition is made of."""
    sources = list(node.get_source_expressions())
    changed = bound(sources, at)
    if changed is sources:
        return node
    copied = copy.copy(node)
    copied.set_source_expressions(changed)
    return copied


def with_parts(node: Any, parts: Any, at: datetime, name: str) -> Any:
    """Replace inside one attribute."""
    changed = bound(parts, at)
    if changed is parts:
        return node
    copied = copy.copy(node)
    setattr(copied, name, changed)
    return copied


def bound_query(query: Query, at: datetime) -> Query:
    """Replace inside a query and those that it combines."""
    parts = {
        "where": bound(query.where, at),
        "order_by": bound(query.order_by, at),
        "group_by": bound(query.group_by, at),
        "combined_queries": bound(query.combined_queries, at),
    }
    joins = {alias: bound_join(join, at) for alias, join in query.alias_map.items()}
    if any(join is not query.alias_map[alias] for alias, join in joins.items()):
        parts["alias_map"] = joins
    annotations = {name: bound(one, at) for name, one in query.annotations.items()}
    changed = {name: part for name, part in parts.items() if part is not getattr(query, name)}
    if not changed and all(one is query.annotations[name] for name, one in annotations.items()):
        return query
    copied = query.clone()
    copied.annotations = annotations
    for name, part in changed.items():
        setattr(copied, name, part)
    return copied


def bound_join(join: Any, at: datetime) -> Any:
    """Replace inside the condition of a join, where a `FilteredRelation` has one."""
    relation = getattr(join, "filtered_relation", None)
    if relation is None or relation.resolved_condition is None:
        return join
    narrowed = with_parts(relation, relation.resolved_condition, at, "resolved_condition")
    if narrowed is relation:
        return join
    copied = copy.copy(join)
    copied.filtered_relation = narrowed
    return copied
