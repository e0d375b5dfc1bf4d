"""A column of an export."""

from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Field, Model
from django.db.models.expressions import BaseExpression, Combinable, F, OrderBy

from waybill import errors
from waybill.declare import kinds, paths

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

__all__ = ["LEFT_OUT", "OTHERWISE", "Column"]

LEFT_OUT = "leave_out"
OTHERWISE = (LEFT_OUT, "mask", "hash")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: a path, an ORM expression, an annotation of `rows()`, or a Python function.

    - `path` defaults to the name; one that crosses a to-many relation gives a list, in text
      joined by `joined`.
    - `expression` is any ORM expression; `kind` is needed where it has no output field.
    - `annotated` names the output field of an annotation of that name that `rows()` makes.
    - `function` gets the values at the paths in `uses` as positional arguments and returns a
      value of `kind`; it moves the export to the portable reader.
    - `nested` are the fields of the related row that JSON shows in place of the bare value, by
      name or as `{name: field}`.
    - `sort` is the path or expression to order by where that is not the value itself.
    - `extra` columns are exported only when they are named.
    - `requires` is the permission to see the values; without it the column is left out, its
      values masked, or hashed, as `otherwise` says.
    - `tones` colours cells in Excel: from a value to blue, amber, green, red or grey.
    - `counted` has Excel's explaining sheet count the rows by the column's values.
    """

    name: str
    _: KW_ONLY
    label: "StrOrPromise" = ""
    path: str = ""
    expression: BaseExpression | F | None = None
    annotated: "Field[Any, Any] | None" = None
    function: Callable[..., object] | None = None
    uses: tuple[str, ...] = ()
    kind: str = ""
    nested: tuple[str, ...] | Mapping[str, str] = ()
    joined: str = ", "
    sort: str | Combinable = ""
    extra: bool = False
    requires: str = ""
    otherwise: str = LEFT_OUT
    tones: Mapping[str, str] | Callable[[], Mapping[str, str]] | None = None
    counted: bool = False

    @property
    def source(self) -> str:
        """The path of the values, or nothing where they have none."""
        if self.expression is not None or self.function is not None:
            return ""
        return self.path or self.name

    def check(self, model: type[Model]) -> None:
        """Raise `DeclarationError` with what is wrong, if anything is."""
        given = [bool(self.path), self.expression is not None, self.function is not None]
        if sum(given) > 1:
            raise errors.DeclarationError("give one of path, expression and function")
        if self.otherwise not in OTHERWISE:
            raise errors.DeclarationError(f"otherwise is one of {', '.join(OTHERWISE)}")
        if self.otherwise != LEFT_OUT and not self.requires:
            raise errors.DeclarationError("otherwise needs requires")
        if self.function is not None:
            self.check_function()
        self.check_sort(model)
        for path in self.uses:
            if paths.follow(model, path).many:
                raise errors.DeclarationError(
                    f"uses {path!r} leads to many rows, and a function gets one value a path"
                )
        if self.nested:
            self.check_nested(model)
        if self.counted:
            self.check_counted(model)
        if self.function is None:
            self.check_values(model)

    def check_function(self) -> None:
        """Raise where a function's column lacks its kind, or asks for what only databases do."""
        if not self.kind:
            raise errors.DeclarationError("a function needs the kind of what it returns")
        if self.otherwise == "hash":
            raise errors.DeclarationError("a function's values cannot be hashed, only masked")

    def check_sort(self, model: type[Model]) -> None:
        """Raise where rows cannot be ordered by what the column names."""
        if isinstance(self.sort, str):
            if self.sort and paths.follow(model, self.sort).many:
                raise errors.DeclarationError(f"sort {self.sort!r} leads to many rows")
        elif isinstance(self.sort, OrderBy):
            raise errors.DeclarationError("sort says by what, not in which direction")

    def check_counted(self, model: type[Model]) -> None:
        """Raise where a workbook cannot tell the values from one another by their texts."""
        if self.function is not None or not self.is_simple(model):
            raise errors.DeclarationError(
                "counted needs texts or whole numbers that the database gives"
            )

    def check_values(self, model: type[Model]) -> None:
        """Raise where the database's values have no form in a file."""
        if self.annotated is None and self.source:
            self.resolved_kind(model)
            self.check_many(model)
        self.check_document(model)

    def check_document(self, model: type[Model]) -> None:
        """Raise where a document or an array is made by Python: the database renders these."""
        own = [paths.follow(model, path).field for path in self.nested_paths.values()]
        made = any(kinds.converts(field) and kinds.is_document(field) for field in own)
        made = made or (self.converts(model) and self.resolved_kind(model) in kinds.DOCUMENTS)
        if made:
            raise errors.DeclarationError(
                "a document that Python makes of what is stored needs a function: "
                'function=lambda one: one, uses=(path,), kind="json"'
            )

    def check_many(self, model: type[Model]) -> None:
        """Raise where the database cannot join the values of a to-many path."""
        if self.many(model) and not self.is_simple(model):
            raise errors.DeclarationError(
                f"{self.source!r} leads to many rows, and the database joins texts and whole "
                "numbers only; give an expression that makes a text of them"
            )

    def check_nested(self, model: type[Model]) -> None:
        """Raise where the nested fields are not fields of the related row."""
        if not self.relation or paths.crosses_many(model, self.relation):
            raise errors.DeclarationError("nested needs a path across a relation to one row")
        for path in self.nested_paths.values():
            kinds.kind_of(paths.follow(model, path).field)

    @property
    def nested_paths(self) -> dict[str, str]:
        """Give the names of the nested fields and their paths from the row."""
        named = (
            self.nested
            if isinstance(self.nested, Mapping)
            else dict(zip(self.nested, self.nested, strict=True))
        )
        return {name: f"{self.relation}__{field}" for name, field in named.items()}

    @property
    def relation(self) -> str:
        """The part of the path before its last step, or nothing."""
        return self.source.rpartition("__")[0]

    def resolved_kind(self, model: type[Model]) -> str:
        """Name the kind of the values, from the declaration, the field or the expression."""
        if self.kind:
            return self.kind
        if self.annotated is not None:
            return kinds.kind_of(self.annotated)
        if self.expression is not None:
            return kinds.expressed(model, self.expression)
        return kinds.kind_of(paths.follow(model, self.source).field)

    def many(self, model: type[Model]) -> bool:
        """Say whether the column's path leads to many rows."""
        own = self.annotated is None and bool(self.source)
        return own and paths.follow(model, self.source).many

    def is_simple(self, model: type[Model]) -> bool:
        """Say whether the database itself gives the values as texts or whole numbers."""
        simple = self.resolved_kind(model) in {kinds.TEXT, kinds.INTEGER}
        return simple and not self.converts(model)

    def needs_cast(self, model: type[Model]) -> bool:
        """Say whether PostgreSQL must make a text of the value before it is handled as one."""
        if self.kind == kinds.TEXT and not self.converts(model):
            return True
        if self.annotated is not None or not self.source:
            return False
        return bool(getattr(paths.follow(model, self.source).field, "db_collation", None))

    def converts(self, model: type[Model]) -> bool:
        """Say whether the field of the values gives Python others than the database has."""
        if self.expression is not None:
            try:
                return kinds.converts(kinds.output_of(model, self.expression))
            except errors.DeclarationError:  # the column says the kind itself
                return False
        return kinds.converts(self.annotated or paths.follow(model, self.source).field)

    def heading(self) -> "StrOrPromise":
        """Give the label: as declared, else the name in words."""
        if self.label:
            return self.label
        words = self.name.replace("_", " ")
        return words[:1].upper() + words[1:]
