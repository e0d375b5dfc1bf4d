"""A frozen request and the requester's rights of now become a Plan."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connections
from django.db.models import F, OuterRef, Q, QuerySet

from waybill import errors, registry
from waybill.declare import filtering, kinds, paths
from waybill.declare.columns import Column
from waybill.declare.exports import Export
from waybill.declare.instant import fixed
from waybill.declare.policy import Person, may_start
from waybill.plan import inner, nested
from waybill.values import LIST_MARK, ExportRequest, FrozenRequest, Plan, PlannedColumn

__all__ = ["build"]

# The rows of one transaction can bear different creation times. Cut at the time of the request,
# an export that is read at once could hold half of what was committed together in between.
AT_ONCE = timedelta(minutes=1)
NOT_LATER = timedelta(0)

NESTING = ("json", "ndjson")


def build(frozen: FrozenRequest, user: Person | None, *, at_once: bool = False) -> Plan:
    """Make the plan of a frozen request under the rights that the person has now.

    `at_once` says that the rows are read right away: then the snapshot alone is the instant.
    Raises `RightLost` where the person may not start the export any more.
    """
    export = registry.get(frozen.request.resource)
    if not may_start(user, export):
        raise errors.RightLost
    at = frozen.requested_at + (AT_ONCE if at_once else NOT_LATER)
    rows = source(export, frozen, user, at)
    return planned(export, frozen, user, rows, at, sort=frozen.request.sort or export.ordering)


def planned(
    export: Export,
    frozen: FrozenRequest,
    user: Person | None,
    rows: "QuerySet[Any]",
    at: datetime,
    *,
    sort: Sequence[str],
    first: str = "",
) -> Plan:
    """Put a plan together for rows that are already narrowed."""
    layout = Layout(export, frozen, user, at)
    columns = tuple(layout.column(key) for key in chosen(export, frozen, user))
    nests = layout.nests_children(columns, rows.db)
    if nests:
        columns += tuple(layout.nested(kind()) for kind in export.children)
    ordering = [*([F(first).asc()] if first else []), *inner.order(export, sort, user)]
    return Plan(
        resource=export.name,
        title=str(export.title or export.model._meta.verbose_name_plural),
        format=frozen.request.format,
        options=frozen.request.options,
        columns=columns,
        database=rows.db,
        source=rows,
        select=lambda at: select(rows, layout.values, ordering, at),
        frozen=frozen,
        requester="" if user is None else str(user),
        max_failed=export.max_failed,
        children=() if nests else tuple(children(export, frozen, user, rows, at)),
    )


def chosen(export: Export, frozen: FrozenRequest, user: Person | None) -> tuple[str, ...]:
    """Give the keys of the file's columns; what the person may no longer see is left out."""
    visible = {column.name for column in export.visible(user)}
    wanted = frozen.request.columns
    if wanted is None or export.name != frozen.request.resource:
        return tuple(column.name for column in export.visible(user) if not column.extra)
    return tuple(key for key in wanted if key in visible)


def select(rows: "QuerySet[Any]", values: list[Any], ordering: list[Any], at: datetime) -> Any:
    """Give the rows as ordered tuples of the inner values, `Now()` being `at`."""
    named = {f"wb_{place}": one for place, one in enumerate(values)}
    return fixed(rows.annotate(**named).order_by(*ordering).values_list(*named), at)


class Layout:
    """Gives each column its places among the inner values."""

    def __init__(
        self, export: Export, frozen: FrozenRequest, user: Person | None, at: datetime
    ) -> None:
        self.export = export
        self.at = at
        self.frozen = frozen
        self.user = user
        self.values: list[Any] = []

    @property
    def nests(self) -> bool:
        """Whether the format shows relations as objects and lists."""
        return self.frozen.request.format in NESTING

    def nests_children(self, columns: Sequence[PlannedColumn], alias: str) -> bool:
        """Whether child rows stand inside the rows: where the database renders them as JSON."""
        return (
            self.nests
            and self.frozen.request.options.children
            and connections[alias].vendor == "postgresql"
            and not any(column.needs_python for column in columns)
            and not any(self.computes(kind()) for kind in self.export.children)
        )

    def computes(self, child: Export) -> bool:
        """Whether Python computes or converts a column of child rows."""
        inside = Layout(child, self.frozen, self.user, self.at)
        shown = chosen(child, self.frozen, self.user)
        return any(inside.column(key).needs_python for key in shown)

    def nested(self, child: Export) -> PlannedColumn:
        """Plan the child rows of each row as a list inside it."""
        at = self.at
        inside = Layout(child, self.frozen, self.user, self.at)
        columns = [inside.column(key) for key in chosen(child, self.frozen, self.user)]
        there = as_of(child, child.rows(self.user, at), at, self.frozen)
        mine = there.filter(**{child.parent: OuterRef(pointed_at(child))})
        ordering = inner.order(child, child.ordering, self.user)
        options = self.frozen.request.options
        listed = nested.listed(mine, child.parent, columns, inside.values, ordering, options)
        return PlannedColumn(
            key=child.name,
            label=str(child.title or child.name),
            kind=kinds.JSON,
            index=self.place(listed),
            below=tuple(columns),
        )

    def place(self, value: Any) -> int:
        """Add an inner value and give its place."""
        self.values.append(value)
        return len(self.values) - 1

    def column(self, key: str) -> PlannedColumn:
        """Plan one column of the file."""
        column = self.export.column(key)
        label = self.label(column)
        if self.export.withheld(column, self.user):
            return self.withheld(column, label)
        if column.function is not None:
            return self.computed(column, label)
        return self.plain(column, label)

    def label(self, column: Column) -> str:
        """Name a column in the file: its key for machines, else as asked for, else its label."""
        request = self.frozen.request
        if request.options.raw:
            return column.name
        asked = request.labels if request.resource == self.export.name else {}
        return str(asked.get(column.name) or column.heading())

    def withheld(self, column: Column, label: str) -> PlannedColumn:
        """Plan a column whose values the person may not see."""
        hidden = inner.hidden(self.export, column)
        return PlannedColumn(
            key=column.name,
            label=label,
            kind=kinds.TEXT,
            index=self.place(hidden),
            mask=column.otherwise,
        )

    def computed(self, column: Column, label: str) -> PlannedColumn:
        """Plan a column that a Python function computes from inner values."""
        return PlannedColumn(
            key=column.name,
            label=label,
            kind=column.kind,
            index=-1,
            function=column.function,
            uses=tuple(self.place(F(path)) for path in column.uses),
        )

    def plain(self, column: Column, label: str) -> PlannedColumn:
        """Plan a column that the database gives."""
        kind = column.resolved_kind(self.export.model)
        many = column.many(self.export.model)
        labels = not self.frozen.request.options.raw and inner.has_choices(self.export, column)
        if many:
            between = LIST_MARK if self.nests else column.joined
            plain: Any = inner.joined(self.export.model, column, between, labels=labels)
        else:
            plain = inner.expression(self.export, column)
        if labels and not many:
            plain, kind = inner.labelled(self.export.model, column, plain), kinds.TEXT
        elif kind in kinds.DOCUMENTS:
            plain = inner.JsonText(plain)
        elif column.needs_cast(self.export.model):
            plain = inner.PlainText(plain)
        return PlannedColumn(
            key=column.name,
            label=label,
            kind=kinds.TEXT if many else kind,
            index=self.place(plain),
            many=many,
            parts=tuple(self.parts(column)) if self.nests else (),
            converted=column.converts(self.export.model),
            tones=self.tones(column),
            counted=column.counted,
        )

    def tones(self, column: Column) -> Mapping[str, str] | None:
        """Give the colours of a column's values, where the format shows any."""
        if self.frozen.request.format != "excel":
            return None
        return column.tones() if callable(column.tones) else column.tones

    def parts(self, column: Column) -> Iterator[PlannedColumn]:
        """Plan the fields of a nested relation."""
        for name, path in column.nested_paths.items():
            field = paths.follow(self.export.model, path).field
            kind = kinds.kind_of(field)
            document = kind in kinds.DOCUMENTS
            yield PlannedColumn(
                key=name,
                label=name,
                kind=kind,
                index=self.place(inner.JsonText(F(path)) if document else F(path)),
                converted=kinds.converts(field),
            )


def source(
    export: Export, frozen: FrozenRequest, user: Person | None, at: datetime
) -> "QuerySet[Any]":
    """Give the rows of the request as of a time, without an order."""
    request = frozen.request
    rows = as_of(export, export.rows(user, at), at, frozen)
    rows = filtering.apply(export.filters, rows, frozen.resolved)
    if request.selected is not None:
        rows = rows.filter(pk__in=keys(export, request))
    if request.search.strip():
        rows = export.find(rows, request.search.strip())
    return rows.order_by()


def keys(export: Export, request: ExportRequest) -> list[Any]:
    """Parse the selected primary keys; raises `BadFilter`."""
    to_python = export.model._meta.pk.to_python
    try:
        return [to_python(key) for key in request.selected or ()]
    except Exception as problem:
        raise errors.BadFilter(field="selected", value="") from problem


def as_of(
    export: Export, rows: "QuerySet[Any]", at: datetime, frozen: FrozenRequest
) -> "QuerySet[Any]":
    """Keep rows created by then, and those not deleted when they were asked for (J4)."""
    if export.created_field:
        rows = rows.filter(**{f"{export.created_field}__lte": at})
    if name := export.deleted_field:
        later = Q(**{f"{name}__gt": frozen.requested_at})
        rows = rows.filter(Q(**{f"{name}__isnull": True}) | later)
    return rows


def children(
    export: Export, frozen: FrozenRequest, user: Person | None, rows: "QuerySet[Any]", at: datetime
) -> Iterator[Plan]:
    """Plan the child rows that belong to the rows of the request, where they are asked for."""
    if not frozen.request.options.children:
        return
    for kind in export.children:
        child = kind()
        mine = as_of(child, child.rows(user, at), at, frozen)
        mine = mine.filter(**{f"{child.parent}__in": rows.values(pointed_at(child))}).order_by()
        yield planned(child, frozen, user, mine, at, sort=child.ordering, first=child.parent)


def pointed_at(child: Export) -> str:
    """Name the field of the parent's row that a child's row holds, mostly its key."""
    field = paths.follow(child.model, child.parent).field
    return str(field.target_field.name) if field.is_relation else "pk"
