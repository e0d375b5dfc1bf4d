"""The frozen values that stages hand to each other.

declare -> request (`ExportRequest`, `FrozenRequest`) -> plan (`Plan`) -> read (`Snapshot`,
`Chunk`) -> write (`Written`) -> store (`Kept`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

__all__ = [
    "LIST_MARK",
    "ONE_TABLE",
    "Block",
    "Chunk",
    "ExportRequest",
    "FrozenRequest",
    "Json",
    "Kept",
    "LargeRow",
    "Options",
    "Outcome",
    "Plan",
    "PlannedColumn",
    "Snapshot",
    "SqlRow",
    "Tally",
    "View",
    "Written",
]

type Json = str | int | float | bool | list[Json] | Mapping[str, Json] | None

REQUEST_VERSION = 1
ONE_TABLE = ("csv", "ndjson")  # formats whose files hold one kind of row
LIST_MARK = "\x1f\x1e"  # between the members of a to-many relation that a format shows as a list


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How a file is written. `raw` is the form for machines (F1); no `zone` is the person's."""

    delimiter: str = ","
    bom: bool = True
    raw: bool = False
    guard: bool = True
    zone: str = ""
    compression: str = ""
    children: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A saved view as an export starts from it; `columns` is None where it names none.

    `labels` are other headings, by key.
    """

    name: str
    filters: Mapping[str, Json] = field(default_factory=dict)
    search: str = ""
    sort: tuple[str, ...] = ()
    columns: tuple[str, ...] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What somebody asks for. `columns` None is the default ones, `selected` None all rows.

    What a `view` names counts where the request itself says nothing; its filters and labels
    are joined.
    """

    resource: str
    format: str = "csv"
    columns: tuple[str, ...] | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, Json] = field(default_factory=dict)
    search: str = ""
    sort: tuple[str, ...] = ()
    view: str = ""
    selected: tuple[str, ...] | None = None
    options: Options = field(default_factory=Options)

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON types, with the version of their layout."""
        return {"version": REQUEST_VERSION, **asdict(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave, also after a round trip through a JSON column."""
        known = {key: value for key, value in data.items() if key != "version"}
        for name in ("columns", "sort", "selected"):
            if known[name] is not None:
                known[name] = tuple(known[name])
        return cls(**known | {"options": Options(**known["options"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenRequest:
    """A checked request with nothing left open: what a job stores.

    `resolved` holds the filters with `@me` and relative dates made absolute at `requested_at`
    (the database's clock); `words` are the filters as a person reads them.
    """

    request: ExportRequest
    resolved: Mapping[str, Json]
    words: tuple[str, ...]
    requested_at: datetime

    def to_json(self) -> dict[str, Any]:
        """Give plain JSON types."""
        return {
            "request": self.request.to_json(),
            "resolved": dict(self.resolved),
            "words": list(self.words),
            "requested_at": self.requested_at.isoformat(),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave."""
        return cls(
            request=ExportRequest.from_json(data["request"]),
            resolved=data["resolved"],
            words=tuple(data["words"]),
            requested_at=datetime.fromisoformat(data["requested_at"]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedColumn:
    """One column of the file.

    `kind` is a word of `declare.kinds`; of JSON and arrays the inner value is JSON text. `index`
    is the place of its value in an inner row (from 0), -1 where `function` computes it from the
    inner values at `uses`. `parts` are the fields of a nested relation, each with a place of its
    own; `many` marks a list. `below` are the columns of child rows that stand inside the row.
    """

    key: str
    label: str
    kind: str
    index: int
    mask: str = ""
    many: bool = False
    parts: tuple["PlannedColumn", ...] = ()
    below: tuple["PlannedColumn", ...] = ()
    function: Callable[..., object] | None = None
    uses: tuple[int, ...] = ()
    converted: bool = False
    tones: Mapping[str, str] | None = None
    counted: bool = False

    @property
    def needs_python(self) -> bool:
        """Whether the database cannot give the values as they are."""
        return bool(self.function) or any(one.converted for one in (self, *self.parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that reading and writing need to know.

    `source` are the rows, filtered, without order and columns: it is what is counted.
    `select(at)` are the same rows as ordered tuples of the inner values, primary key last in
    the order, with `Now()` bound to `at`. `session_zone` is the zone that the reader sets
    in the session, where it can: that is the fastest way to local times.
    """

    resource: str
    title: str
    format: str
    options: Options
    columns: tuple[PlannedColumn, ...]
    database: str
    source: "QuerySet[Model]"
    select: Callable[[datetime], "QuerySet[Model, tuple[Any, ...]]"]
    frozen: FrozenRequest
    requester: str
    max_failed: int = 0
    session_zone: str = ""
    children: tuple["Plan", ...] = ()

    @property
    def width(self) -> int:
        """The number of values in an inner row."""
        planned = [part for column in self.columns for part in (column, *column.parts)]
        places = [max((one.index, *one.uses)) for one in planned]
        return max(places, default=-1) + 1

    @property
    def bundled(self) -> bool:
        """Whether the child rows need files of their own, so that one file is a ZIP of them."""
        return bool(self.children) and self.format in ONE_TABLE

    @property
    def portable(self) -> bool:
        """Whether a column needs Python, so that the database cannot render the rows."""
        return any(column.needs_python for column in self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The instant that a file shows: the database's clock, the isolation level, the rows.

    `totals` are rows by the values of the columns that the plan counts, null being "".
    """

    at: datetime
    level: str
    count: int
    totals: Mapping[str, tuple[tuple[str, int], ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Some whole rendered rows, together about 256 KiB, never across a block's border.

    A larger row comes as several chunks, all but its last with `rows` 0.
    """

    rows: int
    data: bytes


@dataclass(frozen=True, slots=True)
class LargeRow:
    """One rendered row, in pieces of at most some 256 KiB, made when they are asked for."""

    pieces: Iterator[bytes]


@dataclass(slots=True, kw_only=True)
class Tally:
    """What rendering counts beside rows: the only value that grows while an export runs."""

    guarded: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlRow:
    """How PostgreSQL renders a row: SQL over `r.c1 ... r.cn`, and COPY's own options.

    The text goes through psycopg with parameters, so a percent sign is written `%%`.
    """

    select: tuple[str, ...]
    options: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A run of 50,000 rows (the last one shorter) and the SHA-256 of their bytes, in hex."""

    rows: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What a finished file holds: rows, bytes, SHA-256 in hex over the file's bytes.

    `children` are the child rows that stand beside the rows, by the names of their exports.
    """

    rows: int
    bytes: int
    sha256: str
    blocks: tuple[Block, ...]
    guarded: int = 0
    failed: int = 0
    children: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A file in a storage."""

    alias: str
    key: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run ended with."""

    status: str
    kept: Kept | None = None
    written: Written | None = None
    error: str = ""
