"""CSV: RFC 4180 with a byte order mark, times of the reader's zone, and the formula guard."""

from collections.abc import Callable, Iterator
from typing import Any

from waybill.declare import kinds
from waybill.values import Chunk, LargeRow, Options, Plan, PlannedColumn, Snapshot, SqlRow, Tally
from waybill.write import cells, large, text

__all__ = ["CsvWriter"]

BOM = b"\xef\xbb\xbf"
GUARDED = frozenset({kinds.TEXT, kinds.JSON, kinds.ARRAY})  # no other kind needs quotes either
BOOLEANS = {True: "true", False: "false"}
UNSHOWN = frozenset({kinds.FLOAT, kinds.DECIMAL})  # kinds with values that have no text


class CsvWriter:
    """Writes rows as COPY's own CSV does: nothing for null, `""` for an empty text, LF."""

    def sql(self, plan: Plan) -> SqlRow:
        """Render in the select list; COPY quotes."""
        return SqlRow(
            select=tuple(cell_sql(column, plan) for column in plan.columns),
            options=f"FORMAT csv, DELIMITER {cells.literal(plan.options.delimiter)}",
        )

    def row(self, plan: Plan, tally: Tally) -> Callable[[tuple[Any, ...]], bytes | LargeRow]:
        """Render in Python, quoting where COPY does."""
        delimiter = plan.options.delimiter
        alone = len(plan.columns) == 1
        shown = [(cell(one, plan.options, tally, alone=alone), one.index) for one in plan.columns]

        def render(values: tuple[Any, ...]) -> bytes | LargeRow:
            try:
                line = delimiter.join(
                    [
                        "" if (value := values[place]) is None else show(value)
                        for show, place in shown
                    ]
                )
            except large.TooLarge:
                return LargeRow(large.encoded(in_pieces(plan, tally, values)))
            return text.utf8(line + "\n")

        return render

    def frame(
        self,
        plan: Plan,
        snapshot: Snapshot,
        chunks: Iterator[Chunk],
        children: Iterator[tuple[Plan, Iterator[Chunk]]],
    ) -> Iterator[bytes]:
        """Put the byte order mark and the header before the rows."""
        if plan.options.bom:
            yield BOM
        yield header(plan)
        for chunk in chunks:
            yield chunk.data


def header(plan: Plan) -> bytes:
    """Write the labels as a row; guarded, as a cell is.

    A file that begins with `ID` would be taken for SYLK (Excel looks for these capitals), one with
    `sep=` in any case for an instruction, so a first cell that begins so is quoted.
    """
    labels = [column.label for column in plan.columns]
    if plan.options.guard:
        labels = [cells.guard(label) for label in labels]
    quoted = quoting(plan.options.delimiter, alone=len(labels) == 1)
    shown = [quoted(label) for label in labels]
    if shown[0].startswith("ID") or shown[0].lower().startswith("sep="):
        shown[0] = f'"{shown[0]}"'
    return (plan.options.delimiter.join(shown) + "\n").encode()


def quoting(delimiter: str, *, alone: bool) -> Callable[[str], str]:
    """Give the function that quotes a text as COPY does (`alone`: the only one of its row)."""

    def quoted(shown: str) -> str:
        if '"' in shown:
            doubled = shown.replace('"', '""')
            return f'"{doubled}"'
        if not shown or delimiter in shown or "\n" in shown or "\r" in shown:
            return f'"{shown}"'
        return '"\\."' if alone and shown == r"\." else shown

    return quoted


def cell_sql(column: PlannedColumn, plan: Plan) -> str:
    """Give the SQL of one cell."""
    place = f"r.c{column.index + 1}"
    shown = text.shown_sql(column.kind, place, plan.options, session=bool(plan.session_zone))
    if plan.options.guard and column.kind in GUARDED:
        return cells.guard_sql(shown)
    return shown


def cell(
    column: PlannedColumn, options: Options, tally: Tally, *, alone: bool
) -> Callable[[Any], str]:
    """Give the function from a value, never null, to its cell."""
    if column.kind in GUARDED:
        return text_cell(options, tally, alone=alone)
    if column.kind == kinds.BOOLEAN:
        return BOOLEANS.__getitem__
    shown: Callable[[Any], Any] = text.shown(column.kind, options)
    return (lambda value: shown(value) or "") if column.kind in UNSHOWN else shown


def text_cell(options: Options, tally: Tally, *, alone: bool) -> Callable[[Any], str]:
    """Give the function from a text to its cell, guarded and quoted."""
    quoted = quoting(options.delimiter, alone=alone)
    needs_guard = cells.needs_guard if options.guard else (lambda said: False)
    known: dict[str, str] = {}  # most columns say the same few words again and again

    def render(value: Any) -> str:
        if type(value) is str and (shown := known.get(value)) is not None:
            return shown
        said = str(value)
        if len(said) > large.LARGE_TEXT:
            raise large.TooLarge
        if needs_guard(said):
            tally.guarded += 1
            return quoted(f"'{said}")
        shown = quoted(said)
        if len(known) < large.REMEMBERED and len(said) <= large.SHORT:
            known[said] = shown
        return shown

    return render


def in_pieces(plan: Plan, tally: Tally, values: tuple[Any, ...]) -> Iterator[str]:
    """Render a row that holds a large text; cells before that one are counted already."""
    counted = Tally()
    for place, column in enumerate(plan.columns):
        if place:
            yield plan.options.delimiter
        value = values[column.index]
        if value is None:
            continue
        if column.kind in GUARDED and len(str(value)) > large.LARGE_TEXT:
            counted = tally
            yield from large_cell(str(value), plan.options, tally)
        else:
            yield cell(column, plan.options, counted, alone=False)(value)
    yield "\n"


def large_cell(said: str, options: Options, tally: Tally) -> Iterator[str]:
    """Render a large text as `text_cell` would."""
    quote = '"' if any(one in said for one in ('"', options.delimiter, "\n", "\r")) else ""
    yield quote
    if options.guard and cells.needs_guard(said):
        tally.guarded += 1
        yield "'"
    for one in large.segments(said):
        yield one.replace('"', '""')
    yield quote
