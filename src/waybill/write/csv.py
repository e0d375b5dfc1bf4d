"""CSV: RFC 4180 with a byte order mark, times of the reader's zone, and the formula guard."""

from collections.abc import Callable, Iterator
from typing import Any

from waybill.declare import kinds
from waybill.values import Chunk, Options, Plan, PlannedColumn, Snapshot, SqlRow, Tally
from waybill.write import cells, text

__all__ = ["CsvWriter"]

BOM = b"\xef\xbb\xbf"
GUARDED = frozenset({kinds.TEXT, kinds.JSON, kinds.ARRAY})


class CsvWriter:
    """Writes rows as COPY's own CSV does: nothing for null, `""` for an empty text, LF."""

    def sql(self, plan: Plan) -> SqlRow:
        """Render in the select list; COPY quotes."""
        return SqlRow(
            select=tuple(cell_sql(column, plan) for column in plan.columns),
            options=f"FORMAT csv, DELIMITER {cells.literal(plan.options.delimiter)}",
        )

    def row(self, plan: Plan, tally: Tally) -> Callable[[tuple[Any, ...]], bytes]:
        """Render in Python, quoting where COPY does."""
        renderers = [cell(column, plan.options, tally) for column in plan.columns]
        quoted = quoting(plan.options.delimiter, alone=len(renderers) == 1)
        delimiter = plan.options.delimiter

        def render(values: tuple[Any, ...]) -> bytes:
            shown = [quoted(renderer(values)) for renderer in renderers]
            return (delimiter.join(shown) + "\n").encode()

        return render

    def frame(self, plan: Plan, snapshot: Snapshot, chunks: Iterator[Chunk]) -> Iterator[bytes]:
        """Put the byte order mark and the header before the rows."""
        if plan.options.bom:
            yield BOM
        yield header(plan)
        for chunk in chunks:
            yield chunk.data


def header(plan: Plan) -> bytes:
    """Write the labels as a row; guarded, as a cell is.

    A file that begins with `ID` would be taken for SYLK, one with `sep=` for an instruction, so
    a first cell of letters is quoted where it could be either.
    """
    labels = [column.label for column in plan.columns]
    if plan.options.guard:
        labels = [cells.guard(label) for label in labels]
    quoted = quoting(plan.options.delimiter, alone=len(labels) == 1)
    shown = [quoted(label) for label in labels]
    if shown[0].upper().startswith(("ID", "SEP=")):
        shown[0] = f'"{shown[0]}"'
    return (plan.options.delimiter.join(shown) + "\n").encode()


def quoting(delimiter: str, *, alone: bool) -> Callable[[str | None], str]:
    """Give the function that quotes a cell as COPY does (`alone`: the only one of its row)."""
    special = (delimiter, '"', "\n", "\r")

    def quoted(shown: str | None) -> str:
        if shown is None:
            return ""
        if not shown or any(one in shown for one in special) or (alone and shown == r"\."):
            return '"' + shown.replace('"', '""') + '"'
        return shown

    return quoted


def cell_sql(column: PlannedColumn, plan: Plan) -> str:
    """Give the SQL of one cell."""
    place = f"r.c{column.index + 1}"
    shown = text.shown_sql(column.kind, place, plan.options, session=bool(plan.session_zone))
    if plan.options.guard and column.kind in GUARDED:
        return cells.guard_sql(shown)
    return shown


def cell(
    column: PlannedColumn, options: Options, tally: Tally
) -> Callable[[tuple[Any, ...]], str | None]:
    """Give the function from a tuple of inner values to one cell's text, None for null."""
    shown = text.shown(column.kind, options)
    guarded = options.guard and column.kind in GUARDED
    index = column.index

    def render(values: tuple[Any, ...]) -> str | None:
        value = values[index]
        if value is None:
            return None
        said = shown(value)
        if guarded and said is not None and cells.needs_guard(said):
            tally.guarded += 1
            return f"'{said}"
        return said

    return render
