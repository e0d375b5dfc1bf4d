"""How wide the columns of a sheet are."""

import io
import re
import zipfile

import pytest
import xlsxwriter

from waybill.declare import kinds
from waybill.values import Chunk
from waybill.write.xlsx.book import Heading, columns
from waybill.write.xlsx.writer import longest_texts


def rows(*cells):
    """Give a chunk of one row a cell, each in the second of three columns."""
    said = [
        f'<row><c><v>1</v></c><c t="inlineStr"><is><t>{one}</t></is></c><c/></row>' for one in cells
    ]
    return Chunk(rows=len(cells), data="".join(said).encode())


def test_widths_are_written_as_xlsxwriter_writes_them():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        page = book.add_worksheet()
        for place in range(80):
            page.set_column(place, place, min(max(place + 2, 8), 60))
    theirs = zipfile.ZipFile(out).read("xl/worksheets/sheet1.xml")
    ours = columns([Heading(label="", kind=kinds.TEXT)] * 80, [place + 2 for place in range(80)])
    found = dict(re.findall(rb'<col min="(\d+)" max="\d+" width="([\d.]+)"', ours))
    for first, last, width in re.findall(rb'<col min="(\d+)" max="(\d+)" width="([\d.]+)"', theirs):
        for place in range(int(first), int(last) + 1):
            assert found[str(place).encode()] == width


@pytest.mark.parametrize(
    ("texts", "wide"),
    [
        (["four", "longest", "four"], 7),
        (["two\nlines of text"], 13),
        (["漢字"], 4),
        (["ÄÖÜ", "abc"], 3),
        (["e\u0301" * 300, "abc"], 60),
        ([""], 0),
    ],
)
def test_the_longest_line_of_the_first_rows_decides(texts, wide):
    assert longest_texts(3, rows(*texts)) == [0, wide, 0]


def test_rows_beyond_the_first_hundred_are_not_looked_at():
    assert longest_texts(3, rows(*["abc"] * 100, "abcdef")) == [0, 3, 0]
    assert longest_texts(3, None) == [0, 0, 0]
