"""The sheet that explains an export: who, when, what, and totals as live formulas."""

from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from waybill.values import Plan, Snapshot
from waybill.write.xlsx import rules
from waybill.write.xlsx.book import Sheet

__all__ = ["explain"]

LABELS_WIDTH, VALUES_WIDTH = 28, 60  # in characters


def explain(
    page: Worksheet,
    bold: Any,
    plan: Plan,
    snapshot: Snapshot,
    sheets: Sequence[Sheet],
    below: Sequence[tuple[str, Sequence[Sheet]]] = (),
) -> None:
    """Fill the sheet; `sheets` hold the plan's own rows, those of `below` child rows, by title."""
    page.set_column(0, 0, LABELS_WIDTH)
    page.set_column(1, 1, VALUES_WIDTH)
    line = 0
    for label, value in facts(plan, snapshot):
        page.write_string(line, 0, label, bold)
        for part in parts(value):
            page.write_string(line, 1, part)
            line += 1
    page.write_string(line, 0, _("Rows"), bold)
    page.write_formula(line, 1, row_count(sheets), None, snapshot.count)
    for title, theirs in below:
        line += 1
        page.write_string(line, 0, _("Rows of %(title)s") % {"title": title}, bold)
        rows = sum(sheet.rows for sheet in theirs)
        page.write_formula(line, 1, row_count(theirs), None, rows)
    line = columns(page, bold, plan, line + 2)
    for key, counted in snapshot.totals.items():
        line = totals(page, bold, plan, sheets, key, counted, line + 1)


def parts(text: str) -> Iterator[str]:
    """Cut a text that is longer than a cell; XlsxWriter drops the rest without a word."""
    for start in range(0, max(len(text), 1), rules.PART_CHARACTERS):
        yield text[start : start + rules.PART_CHARACTERS]


def facts(plan: Plan, snapshot: Snapshot) -> Iterator[tuple[str, str]]:
    """Give what is known of the export, in words."""
    request = plan.frozen.request
    yield _("Export"), plan.title
    yield _("Requested by"), plan.requester or _("the system")
    zone = ZoneInfo(plan.options.zone)
    asked, shown = plan.frozen.requested_at.astimezone(zone), snapshot.at.astimezone(zone)
    yield _("Requested at"), asked.isoformat(sep=" ", timespec="seconds")
    yield _("Shows the data at"), shown.isoformat(sep=" ", timespec="milliseconds")
    yield _("Time zone of the times"), plan.options.zone
    if request.view:
        yield _("View"), request.view
    for words in plan.frozen.words or (_("none"),):
        yield _("Filter"), str(words)
    if request.search:
        yield _("Search"), request.search
    if request.sort:
        yield _("Sorted by"), ", ".join(sorted_by(plan, one) for one in request.sort)


def sorted_by(plan: Plan, sort: str) -> str:
    """Say one part of the order by the column's label."""
    key = sort.removeprefix("-")
    label = next((column.label for column in plan.columns if column.key == key), key)
    return _("%(column)s, descending") % {"column": label} if sort.startswith("-") else label


def columns(page: Worksheet, bold: Any, plan: Plan, line: int) -> int:
    """List the columns; give the next free line."""
    page.write_string(line, 0, _("Column"), bold)
    page.write_string(line, 1, _("Key"), bold)
    for column in plan.columns:
        line += 1
        page.write_string(line, 0, column.label)
        page.write_string(line, 1, f"{column.key} ({column.mask})" if column.mask else column.key)
    return line + 1


def totals(
    page: Worksheet,
    bold: Any,
    plan: Plan,
    sheets: Sequence[Sheet],
    key: str,
    counted: Sequence[tuple[str, int]],
    line: int,
) -> int:
    """Count the rows by the values of a column; give the next free line."""
    place = [column.key for column in plan.columns].index(key)
    page.write_string(line, 0, plan.columns[place].label, bold)
    page.write_string(line, 1, _("Rows"), bold)
    first = line + 2
    for value, rows in counted:
        line += 1
        page.write_string(line, 0, value or _("(none)"))
        formula = counting(sheets, place, f"$A${line + 1}" if value else "")
        page.write_formula(line, 1, formula, None, rows)
    page.write_string(line + 1, 0, _("Total"), bold)
    page.write_formula(
        line + 1, 1, f"=SUM(B{first}:B{line + 1})", bold, sum(n for _v, n in counted)
    )
    return line + 2


def row_count(sheets: Sequence[Sheet]) -> str:
    """Give the formula that counts the rows of all sheets, blank cells included."""
    return "=" + ("+".join(f"ROWS({cells_of(one, 0)})" for one in sheets if one.rows) or "0")


def counting(sheets: Sequence[Sheet], place: int, wanted: str) -> str:
    """Give the formula that counts a value; EXACT knows no wildcards and tells `a` from `A`."""
    if not wanted:
        return "=" + "+".join(f"COUNTBLANK({cells_of(sheet, place)})" for sheet in sheets)
    each = (f"SUMPRODUCT(--EXACT({cells_of(sheet, place)},{wanted}))" for sheet in sheets)
    return "=" + "+".join(each)


def cells_of(sheet: Sheet, place: int) -> str:
    """Name the cells of a column below the header."""
    name = sheet.name.replace("'", "''")
    letter = xl_col_to_name(place)
    return f"'{name}'!${letter}$2:${letter}${max(sheet.rows, 1) + 1}"
