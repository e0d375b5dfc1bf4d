"""Excel: worksheet rows under a ZIP stream, inside a workbook made by XlsxWriter."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any
from unicodedata import east_asian_width

from django.utils.translation import gettext as _

from waybill import errors
from waybill.declare import kinds
from waybill.values import Chunk, LargeRow, Plan, Snapshot, SqlRow, Tally
from waybill.write import archive
from waybill.write.xlsx import book, pycells, sqlcells
from waybill.write.xlsx.book import WIDEST, Book, Heading, Sheet, frame_of, part_name
from waybill.write.xlsx.explain import explain
from waybill.write.xlsx.overflow import Overflow, Sifter
from waybill.write.xlsx.rows import Rows

__all__ = ["MOST_COLUMNS", "MOST_ROWS", "ExcelWriter"]

MOST_ROWS = 1_048_575  # below the header
MOST_COLUMNS = 16_384
NAME_CHARACTERS = 31
LOOKED_AT = 100  # rows whose texts decide how wide a column is
MARKUP_BYTES = 32  # of a cell around its text, at least
MOST_BYTES = 2_000  # of a cell that are looked at for it
TEXT = re.compile(rb"<t[^>]*>([^<]*)")

type Part = tuple[str, Iterable[bytes]]


class ExcelWriter:
    """Writes an Office Open XML workbook (ECMA-376) in constant memory."""

    def sql(self, plan: Plan) -> SqlRow:
        """Render a worksheet row as one text."""
        return SqlRow(select=(sqlcells.row_sql(plan),), options="FORMAT binary")

    def row(self, plan: Plan, tally: Tally) -> Callable[[tuple[Any, ...]], bytes | LargeRow]:
        """Render a worksheet row in Python."""
        return pycells.row(plan.columns, plan.options, tally)

    def frame(
        self,
        plan: Plan,
        snapshot: Snapshot,
        chunks: Iterator[Chunk],
        children: Iterator[tuple[Plan, Iterator[Chunk]]],
    ) -> Iterator[bytes]:
        """Put the workbook around the rows."""
        if len(plan.columns) > MOST_COLUMNS:
            raise errors.TooMuch(
                field="columns", value=len(plan.columns), accepted=[f"<= {MOST_COLUMNS}"]
            )
        with closing(Overflow()) as overflow:
            yield from archive.archived(Parts(plan, snapshot, overflow).all(chunks, children))


class Parts:
    """Gives the parts of a workbook in an order in which each can be finished."""

    def __init__(self, plan: Plan, snapshot: Snapshot, overflow: Overflow) -> None:
        self.plan = plan
        self.snapshot = snapshot
        self.overflow = overflow
        self.sheets: list[Sheet] = []
        self.widths: list[bytes] = []  # the columns' of each sheet
        self.own = 0  # sheets that hold the plan's own rows
        self.below: list[tuple[str, slice]] = []  # titles of child rows, and their sheets
        # What `built` gave last, and for which sheets.
        self.made: tuple[tuple[list[Sheet], int, int], dict[str, bytes]] = (([], 0, 0), {})

    def all(
        self, chunks: Iterator[Chunk], children: Iterator[tuple[Plan, Iterator[Chunk]]]
    ) -> Iterator[Part]:
        """Give the sheets of rows first; what lists them follows when all are known."""
        columns, count = headings(self.plan), self.snapshot.count
        self.expect(columns, count)
        yield from self.spread(self.plan.title, columns, Rows(chunks), count)
        self.own = len(self.sheets)
        for child, found in children:
            first = len(self.sheets)
            yield from self.spread(child.title, headings(child), Rows(found))
            self.below.append((child.title, slice(first, len(self.sheets))))
        if self.overflow.found:
            yield from self.spread(_("Long texts"), beyond(), Rows(self.overflow.chunks()))
        written = {part_name(place) for place in range(len(self.sheets))}
        for name, part in self.built(self.sheets).items():
            if name not in written:
                yield name, (part,)

    def expect(self, columns: tuple[Heading, ...], count: int) -> None:
        """Build the workbook of a file of one sheet, while the database begins to render rows."""
        name = sheet_name(self.plan.title, 1, [])
        self.built([Sheet(name=name, headings=columns, rows=min(count, MOST_ROWS))])

    def spread(
        self, title: str, columns: tuple[Heading, ...], rows: Rows, count: int = 0
    ) -> Iterator[Part]:
        """Give as many sheets as the rows need, at least one.

        `count` is how many rows are expected: where it is right, the workbook is built once.
        """
        number = 0
        longest = longest_texts(len(columns), rows.held)
        while number == 0 or rows.held is not None:
            expected = min(max(count - number * MOST_ROWS, 0), MOST_ROWS)
            number += 1
            name = sheet_name(title, number, [sheet.name for sheet in self.sheets])
            self.sheets.append(Sheet(name=name, headings=columns, rows=expected))
            self.widths.append(book.columns(columns, longest))
            yield part_name(len(self.sheets) - 1), self.sheet(rows)

    def sheet(self, rows: Rows) -> Iterator[bytes]:
        """Give the bytes of the newest sheet, with as many rows as it can hold."""
        place = len(self.sheets) - 1
        opening = self.sheets[place]
        labels = dict(enumerate(heading.label for heading in opening.headings))
        sifter = Sifter(self.overflow, sheet=opening.name, labels=labels)
        yield frame_of(self.built(self.sheets)[part_name(place)], self.widths[place])[0]
        written = 0
        for chunk in rows.take(MOST_ROWS, archive.LARGEST_PART):
            yield sifter.sift(chunk.data, first=written + 2)
            written += chunk.rows
        self.sheets[place] = replace(opening, rows=written)
        yield frame_of(self.built(self.sheets)[part_name(place)])[1]

    def built(self, sheets: list[Sheet]) -> dict[str, bytes]:
        """Build the workbook around the sheets known so far, unless that is what was built last."""
        count = self.own or len(sheets)
        if self.made[0] == (sheets, count, len(self.below)):
            return self.made[1]
        made = Book(title=self.plan.title, author=self.plan.requester, created=self.snapshot.at)
        page = made.add(sheets, explain_name(sheets))
        below = [(title, sheets[theirs]) for title, theirs in self.below]
        explain(page, made.bold, self.plan, self.snapshot, sheets[:count], below)
        self.made = (([*sheets], count, len(below)), made.parts())
        return self.made[1]


def headings(plan: Plan) -> tuple[Heading, ...]:
    """Give the columns of a plan's sheets."""
    return tuple(
        Heading(label=column.label, kind=column.kind, tones=column.tones) for column in plan.columns
    )


def longest_texts(columns: int, chunk: Chunk | None) -> list[int]:
    """Measure the longest texts of the first rows, of each column, in characters."""
    widths = [0] * columns
    for row in (chunk.data if chunk else b"").split(b"<row>", LOOKED_AT + 1)[1 : LOOKED_AT + 1]:
        for place, cell in enumerate(row.replace(b"<c/>", b"</c>").split(b"</c>")[:columns]):
            # Most cells are shorter than the text of one before them: nothing of them is counted.
            if len(cell) > widths[place] + MARKUP_BYTES and widths[place] < WIDEST:
                text = TEXT.search(cell, 0, MOST_BYTES)
                widths[place] = max(widths[place], shown_width(text[1]) if text else 0)
    return widths


def shown_width(text: bytes) -> int:
    """Measure the longest line of a text in characters, as far as it counts for the width."""
    return max(map(characters, text.decode(errors="ignore").split("\n")))


def characters(line: str) -> int:
    """Measure one line; characters of East Asia take two."""
    if line.isascii():
        return len(line)
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in line[:WIDEST])


def beyond() -> tuple[Heading, ...]:
    """Give the columns of the sheet of long texts."""
    labels = ((_("Sheet"), kinds.TEXT), (_("Row"), kinds.INTEGER), (_("Column"), kinds.TEXT))
    further = ((_("Part"), kinds.INTEGER), (_("Text"), kinds.TEXT))
    return tuple(Heading(label=label, kind=kind) for label, kind in (*labels, *further))


def explain_name(sheets: list[Sheet]) -> str:
    """Name the sheet that explains; `sheet_name` keeps the others from taking it."""
    return _("About this export")[:NAME_CHARACTERS]


def sheet_name(title: str, number: int, taken: list[str]) -> str:
    """Make a name that Excel takes: at most 31 characters, without `[]:*?/\\`, not used yet."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", title).strip("' ") or _("Data")
    used = {name.casefold() for name in (*taken, explain_name([]), "history")}
    while True:
        ending = f" {number}" if number > 1 else ""
        name = plain[: NAME_CHARACTERS - len(ending)] + ending
        if name.casefold() not in used:
            return name
        number += 1
