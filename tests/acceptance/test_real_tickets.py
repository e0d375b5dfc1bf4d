"""Real tickets, loaded and exported again: row for row, cell for cell."""

import csv
import gzip
import io
import json
import re
import subprocess
from collections import Counter
from contextlib import redirect_stderr
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from django.core.management import call_command
from django.utils import timezone
from lxml import etree

from desk.tickets.models import Comment, Ticket
from tests.plugins.emptying import empty
from tests.plugins.required import require, shared_data
from tests.plugins.workbooks import decoded, schema_faults

# The mark makes the database; the rows are stored for good by the fixture below.
pytestmark = [pytest.mark.django_db, pytest.mark.slow(130), pytest.mark.timeout(900)]

SOURCES = ("jira", "hadoop", "udhr")
COLUMNS = (
    "source",
    "external_id",
    "ticket_code",
    "subject",
    "description",
    "status",
    "priority",
    "type",
    "assigned_to",
    "created_by",
    "is_open",
    "is_resolved",
    "created_at",
    "due_date",
    "updated_at",
)
TIMES = ("created_at", "due_date", "updated_at")
BOOLEANS = ("of:=TRUE()", "of:=FALSE()")  # how LibreOffice holds a boolean cell
OFFICE = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
RENAMED = re.compile(r"^line (\d+): .* is taken, stored as (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Loaded:
    """The files' lines by source, the codes told as changed, the time it took, the export."""

    rows: dict[str, list[dict]]
    codes: dict[tuple[str, int], str]
    began: datetime
    ended: datetime
    file: Path
    book: Path


def load(source):
    """Load a file; give what the command reported."""
    said, told = io.StringIO(), io.StringIO()
    file = shared_data(f"tickets/{source}.jsonl.gz")
    call_command("load_tickets", str(file), verbosity=2, stderr=said, stdout=told)
    return said.getvalue() + told.getvalue()


def export(path, **options):
    """Write all tickets, in the order they were loaded."""
    with redirect_stderr(io.StringIO()):
        call_command(
            "export",
            "tickets",
            columns=",".join(COLUMNS),
            sort="id",
            output=str(path),
            verbosity=0,
            **options,
        )
    return path


def lines(file):
    with gzip.open(file) as opened:
        return [json.loads(line) for line in opened]


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker, tmp_path_factory):
    files = {source: shared_data(f"tickets/{source}.jsonl.gz") for source in SOURCES}
    with django_db_blocker.unblock():
        began = timezone.now()
        said = {source: load(source) for source in SOURCES}
        ended = timezone.now()
        folder = tmp_path_factory.mktemp("export")
        yield Loaded(
            rows={source: lines(file) for source, file in files.items()},
            codes={
                (source, int(line)): code
                for source in SOURCES
                for line, code in RENAMED.findall(said[source])
            },
            began=began,
            ended=ended,
            file=export(folder / "tickets.csv", raw=True),
            book=export(folder / "tickets.xlsx", format="excel", children=True),
        )
        empty()


def text(value):
    """Say what becomes of a text: NUL cannot be stored."""
    return None if value is None else value.replace("\0", "\ufffd")


def instant(value):
    """Read the two forms of the files, by other means than the loader does."""
    if not value:
        return None
    if "/" in value:
        return datetime.strptime(value, "%d/%b/%y %H:%M").replace(tzinfo=UTC)
    return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%f%z")


def state(row):
    """Say what `is_open` and `is_resolved` should be: as given, else by the status, else open."""
    done = row["status"] in {"Resolved", "Closed"}
    given = (row["is_open"], row["is_resolved"])
    return tuple(
        str(fallback if value is None else value).lower()
        for value, fallback in zip(given, (not done, done), strict=True)
    )


def expected(loaded, source, number, row):
    """Give the cells that the export should hold, times as instants."""
    is_open, is_resolved = state(row)
    return {
        **{name: text(row[name]) for name in COLUMNS[3:10]},
        "source": source,
        "external_id": row["id"],
        "ticket_code": loaded.codes.get((source, number), row["ticket_code"]),
        "is_open": is_open,
        "is_resolved": is_resolved,
        **{name: instant(row[name]) for name in TIMES},
    }


def exported(path):
    """Read the file with Python's own reader, which tells null from an empty text."""
    csv.field_size_limit(10_000_000)
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file, strict=True, quoting=csv.QUOTE_NOTNULL)
    for row in rows:
        cells = dict(zip(header, row, strict=True))
        for name in TIMES:
            cells[name] = None if cells[name] is None else datetime.fromisoformat(cells[name])
        yield cells


def test_the_raw_file_equals_the_sources_row_for_row_and_cell_for_cell(loaded):
    wanted = [
        expected(loaded, source, number, row)
        for source in SOURCES
        for number, row in enumerate(loaded.rows[source], 1)
    ]
    rows = list(exported(loaded.file))
    assert len(rows) == len(wanted) == 33_503
    for got, want in zip(rows, wanted, strict=True):
        if want["created_at"] is None:
            assert loaded.began <= got.pop("created_at") <= loaded.ended
            del want["created_at"]
        assert got == want


def test_codes_are_the_sources_but_for_repeated_ones_and_all_of_them_differ(loaded):
    codes = set(Ticket.objects.values_list("ticket_code", flat=True))
    given = [row["ticket_code"] for rows in loaded.rows.values() for row in rows]
    assert len(codes) == len(given)
    assert len(loaded.codes) == len(given) - len(set(given))


def test_comments_and_tags_are_the_sources_in_their_order(loaded):
    comments: dict[tuple[str, str], list] = {}
    stored = Comment.objects.order_by("pk").values_list(
        "ticket__source", "ticket__external_id", "author__display_name", "created_at", "body"
    )
    for source, pk, *said in stored.iterator():
        comments.setdefault((source, pk), []).append(tuple(said))
    tags: dict[tuple[str, str], list] = {}
    links = Ticket.tags.through.objects.order_by("pk").values_list(
        "ticket__source", "ticket__external_id", "tag__name"
    )
    for source, pk, name in links.iterator():
        tags.setdefault((source, pk), []).append(name)
    for source, rows in loaded.rows.items():
        for row in rows:
            key = (source, row["id"])
            assert tags.get(key, []) == row["tags"]
            assert comments.get(key, []) == [
                (c["author"], instant(c["created_at"]), text(c["body"])) for c in row["comments"]
            ]


@pytest.mark.parametrize("source", SOURCES)
def test_loading_a_real_file_again_finds_everything_unchanged(loaded, source):
    comments = Comment.objects.count()
    said = load(source)
    assert f"0 added, 0 changed, {len(loaded.rows[source]):,} unchanged, 0 left out" in said
    assert Comment.objects.count() == comments


def test_the_workbook_passes_the_validator_of_the_open_xml_sdk(loaded):
    validator = require(program="ooxml-validator")
    said = subprocess.run([validator, loaded.book], check=False, capture_output=True, text=True)
    found = json.loads(said.stdout)
    assert (found["ok"], found["errors"]) == (True, []), said.stdout[:2_000]


def test_every_part_of_the_workbook_is_valid_by_the_schemas(loaded):
    assert schema_faults(loaded.book, shared_data("vectors/ooxml-xsd")) == []


def test_the_workbook_reads_back_equal_but_for_what_excel_cannot_hold(loaded):
    book = openpyxl.load_workbook(loaded.book, read_only=True)
    further = {}
    for sheet, row, label, _part, more in book["Long texts"].iter_rows(min_row=2, values_only=True):
        place = (sheet, row, label)
        further[place] = further.get(place, "") + more
    rows = book["Tickets"].iter_rows(values_only=True)
    labels = next(rows)
    number = 1
    for source in SOURCES:
        for line, ticket in enumerate(loaded.rows[source], 1):
            number += 1
            cells = (
                as_text(value) + decoded(further.get(("Tickets", number, label), ""))
                for label, value in zip(labels, next(rows), strict=True)
            )
            got = dict(zip(COLUMNS, cells, strict=True))
            want = expected(loaded, source, line, ticket)
            if want["created_at"] is None:
                del want["created_at"]
            assert {name: got[name] for name in want} == {n: as_shown(v) for n, v in want.items()}
    assert next(rows, None) is None


def as_text(value):
    """Say a cell's value as a text: times to the second, as Excel holds them."""
    if isinstance(value, datetime):
        return f"{value + timedelta(microseconds=500):%Y-%m-%d %H:%M:%S}"
    return str(value).lower() if isinstance(value, bool) else decoded(value or "")


def as_shown(value):
    """Say what of a source's value a workbook shows."""
    return f"{value:%Y-%m-%d %H:%M:%S}" if isinstance(value, datetime) else value or ""


def test_libreoffice_opens_the_workbook_and_finds_its_rows_and_no_formula_among_them(
    loaded, tmp_path
):
    office = require(program="soffice")
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    words = [office, home, "--headless", "--convert-to", "fods", "--outdir", str(tmp_path)]
    subprocess.run([*words, str(loaded.book)], check=True, capture_output=True, timeout=800)
    rows, formulas, sheet = Counter(), Counter(), ""
    table = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
    for event, node in etree.iterparse(
        tmp_path / "tickets.fods", events=("start", "end"), huge_tree=True
    ):
        if event == "start" and node.tag == f"{table}table":
            sheet = node.get(f"{table}name")
        elif event == "end" and node.tag == f"{table}table-row":
            filled = any(cell.get(f"{{{OFFICE}}}value-type") for cell in node)
            rows[sheet] += int(node.get(f"{table}number-rows-repeated", 1)) if filled else 0
            own = {cell.get(f"{table}formula") for cell in node}
            formulas[sheet] += len(own - {None, *BOOLEANS})
            node.clear()
    assert rows["Tickets"] == 33_503 + 1
    assert rows["Comments"] == Comment.objects.count() + 1
    assert {name for name, count in formulas.items() if count} == {"About this export"}
