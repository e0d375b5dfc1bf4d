"""Files of JSON lines, as other systems hand them over."""

import gzip
import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from desk.demo.load import lines
from desk.demo.load.lines import BrokenFile, read_lines
from desk.demo.load.parse import parse_asset, parse_ticket, read_object
from desk.demo.load.times import read_date, read_time
from desk.demo.load.values import BadLine, Notes


def read(line: bytes) -> tuple[object, Notes]:
    notes = Notes(line=7)
    return read_object(line, notes), notes


def ticket(**fields: object) -> dict[str, object]:
    return {"id": "1", "ticket_code": "A-1", "subject": "Broken", **fields}


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2011-04-15T02:22:17.000+0000", datetime(2011, 4, 15, 2, 22, 17, tzinfo=UTC)),
        ("2011-04-15T02:22:17.123456Z", datetime(2011, 4, 15, 2, 22, 17, 123456, tzinfo=UTC)),
        (
            "2011-04-15 02:22:17+05:45",
            datetime(2011, 4, 15, 2, 22, 17, tzinfo=timezone(timedelta(hours=5, minutes=45))),
        ),
        ("2011-04-15T02:22:17", datetime(2011, 4, 15, 2, 22, 17, tzinfo=UTC)),
        ("06/Sep/21 08:30", datetime(2021, 9, 6, 8, 30, tzinfo=UTC)),
        ("06/sep/2021 08:30:59", datetime(2021, 9, 6, 8, 30, 59, tzinfo=UTC)),
        ("06/Sep/99 12:30 AM", datetime(1999, 9, 6, 0, 30, tzinfo=UTC)),
        ("06/Sep/21 12:30 PM", datetime(2021, 9, 6, 12, 30, tzinfo=UTC)),
    ],
)
def test_times_are_read_in_every_form_and_without_a_zone_as_utc(text, time):
    assert read_time(text) == time
    assert read_time(text).tzinfo is not None


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59-05:00", "0001-01-01T00:00:00+05:00"])
def test_a_time_that_is_of_no_year_in_utc_is_refused(text):
    """The database would take it, and then nobody could read the row any more."""
    with pytest.raises(OverflowError):
        read_time(text)
    with pytest.raises(BadLine, match="due_date"):
        parse_ticket(7, ticket(due_date=text), Notes(line=7))


@pytest.mark.parametrize("text", ["yesterday", "06/Foo/21 08:30", "32/Sep/21 08:30", "1" * 30])
def test_what_is_no_time_is_not_guessed(text):
    with pytest.raises(ValueError, match=r".*"):
        read_time(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12/03/2020", date(2020, 12, 3)),
        ("17/07/2018", date(2018, 7, 17)),
        ("03.12.2020", date(2020, 12, 3)),
        ("04.20.2021", date(2021, 4, 20)),
        ("12/03/09", date(2009, 12, 3)),
        ("12/03/98 00:00:00", date(1998, 12, 3)),
        ("2020-12-03", date(2020, 12, 3)),
        ("2020/12/03", date(2020, 12, 3)),
        ("20201203", date(2020, 12, 3)),
        ("Oct  9 2024", date(2024, 10, 9)),
        ("12/03/2020        ", date(2020, 12, 3)),
    ],
)
def test_dates_of_a_bios_are_read_month_first_unless_only_the_day_fits(text, day):
    assert read_date(text) == day


@pytest.mark.parametrize("text", ["<BAD INDEX>", "00/00/2000", "32/22/2015", "011/21/2011", "   "])
def test_what_is_no_date_is_not_guessed(text):
    with pytest.raises(ValueError, match=r".*"):
        read_date(text)


def test_a_nul_and_half_a_surrogate_pair_become_a_replacement_character_and_are_counted():
    data, notes = read(b'{"a": "x\\u0000y\\u0000", "b": ["\\ud83d", "\\ud83d\\ude00"]}')
    assert data == {"a": "x\ufffdy\ufffd", "b": ["\ufffd", "\U0001f600"]}
    assert list(notes.counts.values()) == [3]
    assert list(notes.lines.values()) == [[7]]


def test_a_backslash_before_u0000_in_the_text_is_no_nul():
    data, notes = read(rb'{"a": "\\u0000"}')
    assert data == {"a": "\\u0000"}
    assert notes.counts == {}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": 1', "not JSON: Expecting ',' delimiter at character 9"),
        (b"[1]", "not a JSON object"),
        (b"null", "not a JSON object"),
        (b'{"a": "\xff"}', "not UTF-8 at byte 8"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "not JSON: a number of too many digits"),
        (None, "the line is longer than 64 MB"),
    ],
)
def test_a_line_that_is_no_object_is_refused_with_a_reason(line, reason):
    with pytest.raises(BadLine) as refused:
        read_object(line, Notes())
    assert str(refused.value) == reason


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"id": None}, "id: missing"),
        ({"id": ""}, "id: empty"),
        ({"id": True}, "id: a text or null"),
        ({"ticket_code": "x" * 191}, "ticket_code: 191 characters; at most 190"),
        ({"subject": None}, "subject: missing"),
        ({"subject": 5}, "subject: a text or null"),
        ({"status": "x" * 101}, "status: 101 characters; at most 100"),
        ({"is_open": "yes"}, "is_open: true, false or null"),
        ({"created_at": "soon"}, "created_at: not a time; 2021-09-06T08:30:00Z or"),
        ({"tags": "a,b"}, "tags: a list of texts"),
        ({"tags": [1]}, "tags: a list of texts"),
        ({"comments": [{"body": "x"}, "y"]}, "comments: a list of objects"),
        ({"comments": [{"created_at": 5}]}, "created_at: a text or null"),
    ],
)
def test_a_wrong_field_is_named_with_what_would_be_accepted(fields, reason):
    with pytest.raises(BadLine, match=reason):
        parse_ticket(1, ticket(**fields), Notes())


def test_reasons_never_quote_what_a_cell_holds():
    with pytest.raises(BadLine) as refused:
        parse_ticket(1, ticket(created_at="my secret"), Notes())
    assert "secret" not in str(refused.value)


def test_an_empty_name_or_time_is_none_and_an_empty_text_stays_empty():
    notes = Notes()
    record = parse_ticket(1, ticket(status="", updated_at="", description=""), notes)
    assert (record.status, record.updated_at, record.description) == (None, None, "")
    assert set(notes.counts) == {
        "status: empty, taken as none",
        "updated_at: empty, taken as none",
    }


def test_a_field_that_nobody_knows_is_told():
    notes = Notes()
    parse_ticket(1, ticket(colour="red"), notes)
    assert notes.counts == {"colour: not a field, left out": 1}


def test_tags_keep_their_order_and_come_once():
    assert parse_ticket(1, ticket(tags=["b", "", "a", "b"]), Notes()).tags == ("b", "", "a")


def test_a_number_as_id_is_taken_as_text():
    assert parse_ticket(1, ticket(id=15), Notes()).external_id == "15"


def test_an_asset_with_an_unreadable_date_is_kept_without_it():
    notes = Notes()
    asset = parse_asset(1, {"asset_tag": "T", "name": "N", "purchase_date": "<BAD INDEX>"}, notes)
    assert asset.purchase_date is None
    assert notes.counts == {"purchase_date: not a date, left out": 1}


def write(path, data: bytes):
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_lines_come_with_their_numbers_and_blank_ones_not_at_all(tmp_path, pack):
    file = write(tmp_path / "x", pack(b'\xef\xbb\xbf{"a": 1}\r\n\n  \n{"a": 2}'))
    assert list(read_lines(file)) == [(1, b'{"a": 1}\r\n'), (4, b'{"a": 2}')]


def test_a_compressed_file_that_ends_early_gives_its_whole_lines_first(tmp_path):
    packed = gzip.compress(b"".join(b"%d\n" % n for n in range(200_000)))
    file = write(tmp_path / "x.gz", packed[:-10])
    numbers = []
    with pytest.raises(BrokenFile):
        numbers.extend(number for number, _ in read_lines(file))
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 100_000


def test_a_line_beyond_the_limit_is_skipped_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(lines, "LONGEST_LINE", 10)
    long = json.dumps("x" * 35).encode()
    file = write(tmp_path / "x", b"1\n" + long + b"\n2\n")
    assert list(read_lines(file)) == [(1, b"1\n"), (2, None), (3, b"2\n")]


def test_an_empty_file_has_no_lines(tmp_path):
    assert list(read_lines(write(tmp_path / "x", b""))) == []
