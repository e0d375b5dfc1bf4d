"""What the formula guard touches, and that it can be taken back (G21, FAULTS 52, 53)."""

import csv
import io
import json
from unicodedata import category

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.plugins.required import shared_data
from tests.sample.models import Parcel
from waybill import exports
from waybill.values import ExportRequest
from waybill.write import cells

TRIGGERS = "=+-@;|%\t\r\n＝＋－＠"
UNSEEN = "\u200b\ufeff \u3000\u00a0\u00ad\x01\u2060\ufe0f\u202e\U000e0061"
SHARP = st.text(st.sampled_from(TRIGGERS + UNSEEN + "'0159.,aé日 "), max_size=24)
ANY = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)

TOUCHED = [
    "=1+1", "+1-1", "-2+3+cmd|' /C calc'!A0", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "＝1",
    "%0A=1", ";=1", "\ufeff=1", "\u200b\u200b@x", "'", "'=1", "''", "\n", "-", "=", "+49-30-1234",
    "+49 (30) 1234", "-1234567890123456", "-1,2,3", "-5\n", "+1 2\n", "-5 ", "-1e5",
    "|x", "\U000e0061=1", "\x7f=1", "+", "+1/2", "-٣", "\U0001d173=1", "\U00013430@x", "\u0600-x",
    "\U000e0fff=1", "\ufff0=1", "\U0001bca0\U000110bd=1",
]  # fmt: skip
UNTOUCHED = [
    "", "a", "-5", "+5", "-1,5", "-1.5", "-123456789012345", "+49 30 1234", "+493012345678",
    "00123", "1e5", "1-2", "TRUE", "123456789012345678", '"=1', "a=1", "(=1)", "é", "日本", " x",
    "\u200bx", "#REF!", "1 =2", "\U000e1000=1", "\U000f0000=1", "\U00013440=1",
]  # fmt: skip


def guarded_by_sql(texts):
    """Give the texts as PostgreSQL guards them, and how many it counted."""
    sql = (
        f"SELECT {cells.guard_sql('c')} FROM unnest(%s::text[]) WITH ORDINALITY u(c, n) ORDER BY n"
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('waybill.guarded', '0', true)")
        cursor.execute(sql, [list(texts)])
        rows = [row for (row,) in cursor.fetchall()]
        cursor.execute("SELECT current_setting('waybill.guarded')")
        return rows, int(cursor.fetchone()[0])


@pytest.mark.parametrize("text", TOUCHED)
def test_what_a_spreadsheet_could_run_is_guarded(text):
    """FAULTS 52."""
    assert cells.guard(text) == f"'{text}"


@pytest.mark.parametrize("text", UNTOUCHED)
def test_plain_texts_numbers_and_telephone_numbers_stay_as_they_are(text):
    """FAULTS 53."""
    assert cells.guard(text) == text


@given(st.one_of(SHARP, ANY))
@settings(max_examples=2_000)
def test_dropping_one_apostrophe_always_gives_the_text_back(text):
    shown = cells.guard(text)
    assert shown.removeprefix("'") == text


@given(st.one_of(SHARP, ANY))
@settings(max_examples=2_000)
def test_no_guarded_text_starts_like_a_formula(text):
    seen = cells.guard(text).lstrip(UNSEEN)
    assert not seen.startswith(tuple(TRIGGERS)) or cells.exempt.match(text)


def test_no_control_space_or_format_character_is_taken_for_a_visible_one():
    """As many as this Python's Unicode knows."""
    unseen = {"Cc", "Cf", "Zl", "Zp", "Zs"}
    texts = [f"{one}=1" for one in map(chr, range(1, 0x110000)) if category(one) in unseen]
    assert len(texts) > 200
    assert [ascii(text) for text in texts if cells.guard(text) != f"'{text}"] == []


@pytest.mark.django_db
@given(st.lists(st.one_of(SHARP, ANY), min_size=50, max_size=200))
@settings(max_examples=40, deadline=None)
def test_both_halves_guard_the_same_texts(texts):
    rows, count = guarded_by_sql(texts)
    assert rows == [cells.guard(text) for text in texts]
    assert count == sum(map(cells.needs_guard, texts))


@pytest.mark.django_db
def test_both_halves_agree_on_every_first_character():
    codes = [*range(1, 0xD800), *range(0xE000, 0x30000), *range(0xDFFF0, 0xE2000), 0x10FFFF]
    texts = [f"{chr(code)}=1" for code in codes]
    rows, _ = guarded_by_sql(texts)
    assert rows == [cells.guard(text) for text in texts]


@pytest.mark.django_db(transaction=True)
def test_naughty_strings_and_known_attacks_read_back_equal():
    naughty = json.loads(shared_data("vectors/blns.json").read_text())
    attacks = shared_data("vectors/csv-injection.txt").read_text().splitlines()
    texts = [text.replace("\0", "\ufffd") for text in [*naughty, *attacks]]
    Parcel.objects.bulk_create(Parcel(text=text) for text in texts)
    out = io.BytesIO()
    request = ExportRequest(resource="parcels", columns=("text",))
    receipt = exports.write(exports.planned(request, by=None), out)
    rows = list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")))[1:]
    assert [row[0] for row in rows] == [cells.guard(text) for text in texts]
    assert [row[0].removeprefix("'") for row in rows] == texts
    assert receipt["guarded"] == sum(map(cells.needs_guard, texts)) > 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "name",
    ["comma_in_quotes", "empty", "escaped_quotes", "json", "newlines", "newlines_crlf", "utf8"],
)
def test_the_csv_vectors_read_back_equal(name):
    """FAULTS 54."""
    wanted = json.loads(shared_data(f"vectors/csv-spectrum/json/{name}.json").read_text())
    texts = [value for row in wanted for value in row.values()]
    Parcel.objects.bulk_create(Parcel(text=text) for text in texts)
    out = io.BytesIO()
    request = ExportRequest(resource="parcels", columns=("text",))
    exports.write(exports.planned(request, by=None), out)
    rows = list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")))[1:]
    assert [row[0] for row in rows] == [cells.guard(text) for text in texts]
