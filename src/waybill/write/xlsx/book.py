"""The workbook without its rows, made by XlsxWriter: styles, sheets, filters, colours."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import xlsxwriter
from xlsxwriter.packager import Packager
from xlsxwriter.sharedstrings import SharedStrings
from xlsxwriter.worksheet import Worksheet

from waybill.declare import kinds

__all__ = [
    "EXPLAIN_PLACE",
    "WIDEST",
    "Book",
    "Heading",
    "Sheet",
    "columns",
    "frame_of",
    "part_name",
]

EXPLAIN_PLACE = 1  # the sheet that explains the export stands second

FORMATS: tuple[dict[str, Any], ...] = (  # in the order of `rules.STYLES`
    {"bold": True, "bottom": 1},
    {"num_format": "yyyy-mm-dd"},
    {"num_format": "yyyy-mm-dd hh:mm:ss"},
    {"num_format": "hh:mm:ss"},
    {"num_format": "[h]:mm:ss"},
    {"quote_prefix": True},
)
TONES = {
    "blue": {"bg_color": "#DBEAFE", "font_color": "#1E3A8A"},
    "amber": {"bg_color": "#FEF3C7", "font_color": "#78350F"},
    "green": {"bg_color": "#DCFCE7", "font_color": "#14532D"},
    "red": {"bg_color": "#FEE2E2", "font_color": "#7F1D1D"},
    "grey": {"bg_color": "#E5E7EB", "font_color": "#1F2937"},
}
WIDTHS = {
    kinds.BOOLEAN: 8,
    kinds.DATE: 11,
    kinds.DATETIME: 19,
    kinds.TIME: 10,
    kinds.DURATION: 12,
    kinds.UUID: 36,
}
NARROWEST, WIDEST = 8, 60  # in characters
DIGIT_PIXELS = 7  # of Calibri 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A column of a sheet."""

    label: str
    kind: str
    tones: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet of rows, and how many it has below its header."""

    name: str
    headings: tuple[Heading, ...]
    rows: int = 0


class Page(Worksheet):  # type: ignore[misc]
    """A sheet whose formulas stand as they were written.

    XlsxWriter looks in each formula, and in each value with a colour, for every function that needs
    a prefix in the file, one after the other: 30% of the time that it takes for a workbook. None of
    ours needs one, and names of sheets, `SORT(a)`, would get them too.
    """

    def _prepare_formula(self, formula: str, *_given: bool) -> str:
        return formula.removeprefix("=")


class Texts(SharedStrings):  # type: ignore[misc]
    """The shared texts, none of which is markup; XlsxWriter takes `<r>...</r>` for its own."""

    def _xml_rich_si_element(self, string: str) -> None:
        self._xml_si_element(string)


class Package(Packager):  # type: ignore[misc]
    """Puts the parts together, with our table of texts."""

    def _write_shared_strings_file(self) -> None:
        texts = Texts()
        texts.string_table = self.workbook.str_table
        if texts.string_table.count:  # XlsxWriter gives its parts no other door.
            texts._set_xml_writer(self._filename("xl/sharedStrings.xml"))  # noqa: SLF001
            texts._assemble_xml_file()  # noqa: SLF001


class Binding(xlsxwriter.Workbook):  # type: ignore[misc]
    """A workbook that is put together by our package."""

    def _get_packager(self) -> Package:
        return Package()


class Book:
    """Builds the parts of a workbook around sheets of rows that are written elsewhere."""

    def __init__(self, *, title: str, author: str, created: datetime) -> None:
        self.out = io.BytesIO()
        self.book = Binding(self.out, {"in_memory": True})
        self.book.set_properties(
            {"title": title, "author": author, "created": created.replace(tzinfo=None)}
        )
        self.formats = [self.book.add_format(one) for one in FORMATS]
        self.bold = self.formats[0]

    def add(self, sheets: Sequence[Sheet], explain: str) -> Worksheet:
        """Add the sheets of rows; give the empty sheet for the explanation.

        Texts of headers come first in the table of shared texts, whatever is written later.
        """
        pages = [self.page(sheets[0].name)]
        explained = self.page(explain)
        pages += [self.page(sheet.name) for sheet in sheets[1:]]
        for page, sheet in zip(pages, sheets, strict=True):
            self.fill(page, sheet)
        for place, one in enumerate(self.formats):
            pages[0].write_blank(place + 1, 0, None, one)  # so that each style has its number
        return explained

    def page(self, name: str) -> Worksheet:
        """Add an empty sheet."""
        return self.book.add_worksheet(name, Page)

    def fill(self, page: Worksheet, sheet: Sheet) -> None:
        """Give a sheet of rows its header, filter and colours."""
        last = len(sheet.headings) - 1
        page.freeze_panes(1, 0)
        page.autofilter(0, 0, max(sheet.rows, 1), last)
        for place, heading in enumerate(sheet.headings):
            page.write_string(0, place, heading.label, self.bold)
            for value, tone in (heading.tones or {}).items():
                self.colour(page, place, max(sheet.rows, 1), value, tone)

    def colour(self, page: Worksheet, place: int, rows: int, value: str, tone: str) -> None:
        """Colour the cells of a column that hold a value."""
        quoted = value.replace('"', '""')
        rule = {"type": "cell", "criteria": "==", "value": f'"{quoted}"'}
        page.conditional_format(
            1, place, rows, place, rule | {"format": self.book.add_format(TONES[tone])}
        )

    def parts(self) -> dict[str, bytes]:
        """Close the workbook and give its parts by their names."""
        self.book.close()
        with zipfile.ZipFile(self.out) as packed:
            return {name: packed.read(name) for name in packed.namelist()}


def width(heading: Heading, longest: int) -> int:
    """Choose the width of a column, in characters; the filter's arrow takes two."""
    wanted = max(WIDTHS.get(heading.kind, 0), longest, len(heading.label) + 2)
    return min(max(wanted, NARROWEST), WIDEST)


def columns(headings: Sequence[Heading], longest: Sequence[int]) -> bytes:
    """Write out the widths of a sheet's columns (ECMA-376 part 1, 18.3.1.13).

    `longest` is how many characters the longest text of each has. A width counts digits of the
    font of the workbook, 7 pixels each, with 5 pixels beside them.
    """
    parts = ["<cols>"]
    for place, (heading, wide) in enumerate(zip(headings, longest, strict=True), 1):
        digits = (width(heading, wide) * DIGIT_PIXELS + 5) * 256 // DIGIT_PIXELS / 256
        parts.append(f'<col min="{place}" max="{place}" width="{digits:.16g}" customWidth="1"/>')
    return "".join([*parts, "</cols>"]).encode()


def part_name(place: int) -> str:
    """Name the part of the sheet of rows with that place (from 0), past the explanation."""
    return f"xl/worksheets/sheet{place + 1 if place < EXPLAIN_PLACE else place + 2}.xml"


def frame_of(part: bytes, columns: bytes = b"") -> tuple[bytes, bytes]:
    """Cut a sheet's part into what stands before its rows, the header included, and behind.

    `columns` are their widths, which the part itself does not have.
    """
    part = re.sub(rb"<dimension [^>]*/>", b"", part)
    before, inside, behind = re.split(rb"<sheetData>|</sheetData>", part)
    header = inside.partition(b"</row>")[0] + b"</row>"
    return before + columns + b"<sheetData>" + header, b"</sheetData>" + behind
