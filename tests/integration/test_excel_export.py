"""Excel from PostgreSQL, from the request to the workbook."""

import io
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from unittest import mock

import openpyxl
import pytest
from django.db import connection

from tests.plugins.workbooks import cells, decoded, parts
from tests.sample.models import Parcel, Shelf, Wagon
from waybill import errors, exports
from waybill.values import ExportRequest, Options
from waybill.write.xlsx import writer

pytestmark = pytest.mark.django_db(transaction=True)


def written(columns=None, **options):
    """Give the bytes of an export of the parcels, and its receipt."""
    request = ExportRequest(
        resource="parcels", format="excel", columns=columns, options=Options(**options)
    )
    out = io.BytesIO()
    receipt = exports.write(exports.planned(request, by=None), out)
    return out.getvalue(), receipt


def column(data, place=0, sheet=0):
    """Give the values of a column of a sheet below its header, as openpyxl reads them."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    return [row[place] for row in book.worksheets[sheet].iter_rows(min_row=2, values_only=True)]


def test_numbers_dates_and_booleans_are_what_they_are():
    Parcel.objects.create(
        code="a", number=-5, price=Decimal("12.3400"), weight=0.1, fragile=True,
        day=date(2026, 7, 1), clock=time(23, 59, 59), moment=datetime(2026, 7, 1, 12, tzinfo=UTC),
        span=timedelta(hours=30),
    )  # fmt: skip
    columns = ("number", "price", "weight", "fragile", "day", "clock", "moment", "span")
    data, _ = written(columns, zone="Asia/Kathmandu")
    (row,) = (
        openpyxl.load_workbook(io.BytesIO(data))
        .worksheets[0]
        .iter_rows(min_row=2, values_only=True)
    )
    assert row == (
        -5, 12.34, 0.1, True, datetime(2026, 7, 1), time(23, 59, 59),
        datetime(2026, 7, 1, 17, 45), timedelta(hours=30),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("number", 10**15, "1000000000000000"),
        ("number", -(2**63), "-9223372036854775808"),
        ("price", Decimal("123456789012.3456"), "123456789012.3456"),
        ("weight", 5e-324, "5e-324"),
        ("day", date(1900, 2, 28), "1900-02-28"),
        ("moment", datetime(1900, 2, 28, 23, tzinfo=UTC), "1900-02-28 23:00:00"),
        ("span", -timedelta(hours=1), "-01:00:00"),
    ],
)
def test_what_excel_cannot_hold_as_a_number_is_a_text(field, value, shown):
    """FAULTS 59, 60."""
    Parcel.objects.create(code="a", **{field: value})
    assert column(written((field,))[0]) == [shown]


def test_the_first_of_march_1900_is_a_date():
    """FAULTS 60."""
    Parcel.objects.create(day=date(1900, 3, 1), moment=datetime(1900, 3, 1, tzinfo=UTC))
    data, _ = written(("day", "moment"))
    assert column(data) == [datetime(1900, 3, 1)]
    assert column(data, 1) == [datetime(1900, 3, 1)]


def test_texts_stay_as_they_are_and_those_like_formulas_are_marked():
    """FAULTS 58."""
    texts = [
        "=1+1",
        "'a",
        "-5",
        "https://example.org",
        "internal:Sheet2!A1",
        "external:c:\\other.xlsx",
        "file:///etc/passwd",
        "mailto:eve@example.org",
        " two  spaces ",
        "a\r\nb",
        "_x0041_",
        "\x01",
    ]
    Parcel.objects.bulk_create([Parcel(code="", text=text) for text in texts])
    data, receipt = written(("text",))
    found = cells(data, 0)
    assert [decoded(cell.text) for cell in found] == texts
    assert [cell.style for cell in found] == ["6", "6", *[None] * (len(texts) - 2)]
    assert receipt["guarded"] == 2
    assert not any(cell.formula for cell in found)
    assert not any(
        "hyperlink" in name or b"<hyperlink" in part for name, part in parts(data).items()
    )


def test_more_addresses_than_a_sheet_can_link_are_texts_and_none_is_lost():
    """FAULTS 58: Excel takes 65,530 links a sheet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO sample_wagon (id, word)"
            " SELECT n, 'https://example.org/' || n FROM generate_series(1, 65531) n"
        )
    out = io.BytesIO()
    request = ExportRequest(resource="wagons", format="excel", columns=("word",))
    exports.write(exports.planned(request, by=None), out)
    Wagon.objects.all().delete()
    assert column(out.getvalue()) == [f"https://example.org/{n}" for n in range(1, 65_532)]
    assert not any(b"<hyperlink" in part for part in parts(out.getvalue()).values())


def test_as_many_lines_as_a_cell_shows_and_one_more_are_kept():
    """FAULTS 56: Excel shows 253 line feeds a cell."""
    texts = ["x" + "\nx" * 253, "x" + "\nx" * 254, "\n" * 32_767]
    Parcel.objects.bulk_create([Parcel(text=text) for text in texts])
    data, _ = written(("text",))
    assert [decoded(cell.text) for cell in cells(data, 0)] == texts


def test_a_long_text_goes_on_on_a_sheet_of_its_own():
    exact, longer, wide = "x" * 32_767, "y" * 32_768, "\U0001f600" * 16_384
    Parcel.objects.bulk_create([Parcel(text=one) for one in (exact, longer, wide, "short")])
    data, _ = written(("id", "text"))
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["parcels", "About this export", "Long texts"]
    found = dict(enumerate(column(data, 1), 2))
    for sheet, row, label, part, text in book["Long texts"].iter_rows(min_row=2, values_only=True):
        assert (sheet, label) == ("parcels", "Text")
        assert len(text.encode("utf-16-le")) // 2 <= 32_767
        found[row] += text
        assert part > 1
    assert list(found.values()) == [exact, longer, wide, "short"]


def test_rows_beyond_a_sheet_go_on_on_the_next_one():
    """FAULTS 57."""
    Parcel.objects.bulk_create([Parcel(code=str(place)) for place in range(25)])
    with mock.patch.object(writer, "MOST_ROWS", 10):
        data, _ = written(("code",))
    book = openpyxl.load_workbook(io.BytesIO(data))
    assert book.sheetnames == ["parcels", "About this export", "parcels 2", "parcels 3"]
    found = [column(data, 0, sheet) for sheet in (0, 2, 3)]
    assert [len(one) for one in found] == [10, 10, 5]
    assert [code for one in found for code in one] == [str(place) for place in range(25)]


def test_a_full_sheet_has_no_empty_sheet_behind_it():
    Parcel.objects.bulk_create([Parcel(code=str(place)) for place in range(10)])
    with mock.patch.object(writer, "MOST_ROWS", 10):
        data, _ = written(("code",))
    assert openpyxl.load_workbook(io.BytesIO(data)).sheetnames == ["parcels", "About this export"]


def test_no_rows_make_a_workbook_with_a_header():
    data, receipt = written(("code",))
    assert [cell.value for cell in openpyxl.load_workbook(io.BytesIO(data)).worksheets[0][1]] == [
        "Code"
    ]
    assert receipt["rows"] == 0


def test_the_header_is_bold_and_frozen_with_a_filter():
    Parcel.objects.create(code="a")
    sheet = openpyxl.load_workbook(io.BytesIO(written(("id", "code"))[0])).worksheets[0]
    assert sheet["A1"].font.b
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B2"


def test_totals_are_formulas_that_carry_their_values():
    top, low = Shelf.objects.create(name="Top"), Shelf.objects.create(name='The "low" one')
    for shelf in (top, top, low, None):
        Parcel.objects.create(shelf=shelf)
    data, _ = written(("id", "shelf"))
    plain = openpyxl.load_workbook(io.BytesIO(data)).worksheets[1]
    valued = openpyxl.load_workbook(io.BytesIO(data), data_only=True).worksheets[1]
    shown = {row[0].value: (row[1].value, valued.cell(row[1].row, 2).value) for row in plain}
    assert shown["Top"][0].startswith("=SUMPRODUCT(--EXACT('parcels'!$B$2:$B$5,")
    assert [shown[name][1] for name in ("Top", 'The "low" one', "(none)", "Total", "Rows")] == [
        2, 1, 1, 4, 4,
    ]  # fmt: skip
    rules = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0].conditional_formatting
    assert {rule.formula[0] for one in rules for rule in one.rules} == {
        '"Top"', '"The ""low"" one"',
    }  # fmt: skip


@pytest.mark.parametrize("text", ["<r><t>x</r>", "<r><t>x</t></r>"])
def test_a_text_outside_of_the_rows_that_looks_like_markup_is_a_text(text):
    shelf = Shelf.objects.create(name=text)
    Parcel.objects.create(shelf=shelf, text=text)
    asked = ExportRequest(
        resource="parcels", format="excel", columns=("shelf",), labels={"shelf": text}, search=text
    )
    out = io.BytesIO()
    exports.write(exports.planned(asked, by=None), out)
    rows, told = openpyxl.load_workbook(out).worksheets
    assert rows["A1"].value == text
    shown = [cell.value for row in told for cell in row]
    assert shown.count(text) == 4  # searched for, a column, the head and a line of the totals


def test_filters_that_do_not_fit_a_cell_go_on_in_the_next_line():
    Parcel.objects.create()
    words = "Tag: " + ", ".join(f"{number:04d}-{'é' * 200}" for number in range(300))
    plan = exports.planned(ExportRequest(resource="parcels", format="excel"), by=None)
    out = io.BytesIO()
    exports.write(replace(plan, frozen=replace(plan.frozen, words=(words,))), out)
    told = openpyxl.load_workbook(out).worksheets[1]
    labels = [row[0].value for row in told.iter_rows(max_col=1)]
    first = labels.index("Filter")
    last = next(place for place in range(first + 1, len(labels)) if labels[place])
    shown = "".join(told.cell(place + 1, 2).value for place in range(first, last))
    assert shown == words


def test_a_sheet_named_like_a_newer_function_is_counted():
    Parcel.objects.create()
    asked = ExportRequest(resource="parcels", format="excel", columns=("shelf",))
    out = io.BytesIO()
    exports.write(replace(exports.planned(asked, by=None), title="SORT(a)"), out)
    explained = parts(out.getvalue())["xl/worksheets/sheet2.xml"]
    assert b"ROWS('SORT(a)'!$A$2:$A$2)" in explained
    assert b"_xlfn" not in explained


def test_raw_keeps_every_digit_as_text_and_the_keys_as_header():
    Parcel.objects.create(moment=datetime(2026, 7, 1, 12, 0, 0, 5, tzinfo=UTC), text="=1")
    data, receipt = written(("moment", "text"), raw=True)
    assert column(data) == ["2026-07-01T12:00:00.000005Z"]
    assert cells(data, 0)[1].style is None
    assert receipt["guarded"] == 0
    assert openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]["B1"].value == "text"


def test_the_same_rows_make_the_same_sheets():
    Parcel.objects.create(code="a", text="x" * 40_000)
    columns = ("id", "code", "text", "moment")
    first, second = parts(written(columns)[0]), parts(written(columns)[0])
    same = {name for name in first if first[name] == second[name]}
    changing = {"docProps/core.xml", "xl/sharedStrings.xml"}  # they say when
    assert set(first) - same <= changing
    with zipfile.ZipFile(io.BytesIO(written()[0])) as packed:
        assert {one.date_time for one in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_the_limits_are_those_of_excel_and_a_million_rows_go_on_with_the_next_sheet():
    """G8, FAULTS 57: two rows more than a sheet holds below its header."""
    assert (writer.MOST_ROWS, writer.MOST_COLUMNS) == (1_048_575, 16_384)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO sample_wagon (id, word) SELECT n, 'x' FROM generate_series(1, %s) n",
            [writer.MOST_ROWS + 2],
        )
    out = io.BytesIO()
    request = ExportRequest(resource="wagons", format="excel", columns=("id",))
    receipt = exports.write(exports.planned(request, by=None), out)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE sample_wagon")
    assert receipt["rows"] == writer.MOST_ROWS + 2
    assert {rows_of(out, sheet) for sheet in (1, 2, 3)} >= {writer.MOST_ROWS + 1, 3}


def rows_of(book, sheet):
    """Count the rows of a sheet, without holding it."""
    with zipfile.ZipFile(book) as packed, packed.open(f"xl/worksheets/sheet{sheet}.xml") as opened:
        last, count = b"", 0
        while piece := opened.read(1 << 20):
            count += (last + piece).count(b"</row>")
            last = piece[-5:]
        return count


def test_more_columns_than_a_sheet_holds_are_refused():
    """FAULTS 57."""
    plan = exports.planned(ExportRequest(resource="parcels", format="excel"), by=None)
    with mock.patch.object(writer, "MOST_COLUMNS", 3), pytest.raises(errors.TooMuch):
        exports.write(plan, io.BytesIO())
