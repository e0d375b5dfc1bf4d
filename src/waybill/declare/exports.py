"""The Export class: what can be exported."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.db.models import Model, Q, QuerySet

from waybill import errors
from waybill.declare import paths
from waybill.declare.columns import LEFT_OUT, Column
from waybill.declare.policy import Person, Policy
from waybill.values import View

__all__ = ["Export"]


class Export:
    """Declare an export by a subclass; a mistake in it is raised when the class is made.

    `created_field` and `deleted_field` are what "as of the request" means: rows created after
    it are out, rows deleted after it are still in. `parent` is the path from a child's row to
    the row it belongs to. `max_failed` is how many rows may fail in a Python column.
    """

    name: ClassVar[str]
    title: ClassVar[Any] = ""
    model: ClassVar[type[Model]]
    columns: ClassVar[Sequence[Column]]
    filters: ClassVar[Any] = None
    search: ClassVar[Sequence[str]] = ()
    ordering: ClassVar[Sequence[str]] = ()
    policy: ClassVar[Policy] = Policy()
    retention: ClassVar[timedelta] = timedelta(hours=72)
    time_limit: ClassVar[timedelta | None] = timedelta(seconds=300)
    children: ClassVar[Sequence[type["Export"]]] = ()
    parent: ClassVar[str] = ""
    created_field: ClassVar[str] = ""
    deleted_field: ClassVar[str] = ""
    max_failed: ClassVar[int] = 0

    def __init_subclass__(cls) -> None:
        """Check the declaration."""
        super().__init_subclass__()
        try:
            check(cls)
        except errors.DeclarationError as problem:
            raise errors.DeclarationError(f"{cls.__qualname__}: {problem}") from problem
        cls.filters = bound(cls.filters, cls.model)

    def rows(self, user: Any, at: datetime) -> QuerySet[Any]:
        """Give the rows that the person may list as of `at`; None is the system."""
        return self.model._default_manager.all()

    def find(self, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
        """Keep the rows in which one of the search paths contains the text."""
        wanted = Q()
        for path in self.search:
            wanted |= Q(**{f"{path}__icontains": text})
        if not any(paths.crosses_many(self.model, path) for path in self.search):
            return rows.filter(wanted)
        # Asked apart: joined, a row would come once for each related row that matches.
        found = self.model._base_manager.filter(wanted).order_by()
        return rows.filter(pk__in=found.values("pk"))

    def view(self, name: str, user: Person | None) -> View:
        """Find a saved view that the person may use; raises `ViewUnknown`."""
        raise errors.ViewUnknown(field="view", value=name)

    @classmethod
    def column(cls, key: str) -> Column:
        """Find a column by its key; raises `KeyError`."""
        return {column.name: column for column in cls.columns}[key]

    @classmethod
    def visible(cls, user: Person | None) -> tuple[Column, ...]:
        """Give the columns that are not left out for want of a right."""
        return tuple(
            column
            for column in cls.columns
            if column.otherwise != LEFT_OUT or not cls.withheld(column, user)
        )

    @classmethod
    def withheld(cls, column: Column, user: Person | None) -> bool:
        """Say whether the person lacks the right to a column's values."""
        return bool(column.requires) and user is not None and not user.has_perm(column.requires)


def check(cls: type[Export]) -> None:
    """Raise `DeclarationError` for the first thing wrong in a declaration."""
    for name in ("name", "model", "columns"):
        if not hasattr(cls, name):
            raise errors.DeclarationError(f"{name} is missing")
    if not cls.name.isidentifier():
        raise errors.DeclarationError(f"name {cls.name!r} is not a plain word")
    if not (isinstance(cls.model, type) and issubclass(cls.model, Model)):
        raise errors.DeclarationError("model is not a Django model")
    check_columns(cls)
    for name in ("created_field", "deleted_field", "parent"):
        if path := getattr(cls, name):
            paths.follow(cls.model, path)
    for path in cls.search:
        paths.follow(cls.model, path)
    check_ordering(cls)
    check_filters(cls)
    for child in cls.children:
        if not child.parent:
            raise errors.DeclarationError(f"child {child.__qualname__} has no parent path")


def check_columns(cls: type[Export]) -> None:
    """Raise for a column that is wrong or named twice."""
    seen: set[str] = set()
    if not cls.columns:
        raise errors.DeclarationError("columns is empty")
    for column in cls.columns:
        if not column.name.isidentifier():
            raise errors.DeclarationError(f"column {column.name!r} is not a plain word")
        if column.name in seen:
            raise errors.DeclarationError(f"column {column.name!r} is declared twice")
        seen.add(column.name)
        try:
            column.check(cls.model)
        except errors.DeclarationError as problem:
            raise errors.DeclarationError(f"column {column.name!r}: {problem}") from problem


def check_ordering(cls: type[Export]) -> None:
    """Raise for an order by something that is not a column."""
    known = {column.name: column for column in cls.columns}
    for sort in cls.ordering:
        column = known.get(sort.removeprefix("-"))
        if column is None:
            raise errors.DeclarationError(
                f"ordering {sort!r} is not a column; columns are {', '.join(sorted(known))}"
            )
        if column.function is not None:
            raise errors.DeclarationError(f"ordering {sort!r} is computed after the rows came")


def check_filters(cls: type[Export]) -> None:
    """Raise for a filter of a field that there is not, or by a regular expression."""
    if cls.filters is None:
        return
    if not hasattr(cls.filters, "base_filters"):
        raise errors.DeclarationError("filters is not a FilterSet of django-filter")
    from django_filters import DateRangeFilter

    for name, one in cls.filters.base_filters.items():
        if str(one.lookup_expr).endswith("regex"):
            raise errors.DeclarationError(
                f"filter {name!r}: a regular expression can keep the database busy for ever"
            )
        if issubclass(one.field_class, forms.MultiValueField):
            raise errors.DeclarationError(
                f"filter {name!r} takes two values at once: "
                "declare one for each, with the lookups gte and lte"
            )
        if isinstance(one, DateRangeFilter):
            raise errors.DeclarationError(
                f"filter {name!r} means other days at each run: "
                "declare filters of dates, which take today and last 7 days"
            )
        if one.field_name and one.method is None and "filter" not in vars(type(one)):
            check_filtered(cls, name, one.field_name)


def bound(declared: Any, model: type[Model]) -> Any:
    """Give the filters a model where they name none: each is declared, so it is the export's."""
    if declared is None or declared._meta.model is not None:
        return declared
    meta = type("Meta", (), {"model": model, "fields": ()})
    return type(declared)(declared.__name__, (declared,), {"Meta": meta})


def check_filtered(cls: type[Export], name: str, path: str) -> None:
    """Raise where the field of a filter does not exist; a relation itself may be compared."""
    try:
        paths.follow(cls.model, path)
    except errors.DeclarationError as problem:
        if "ends at a relation" not in str(problem):
            raise errors.DeclarationError(f"filter {name!r}: {problem}") from problem
