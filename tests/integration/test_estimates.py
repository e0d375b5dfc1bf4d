"""What an export will be like: counted and sampled on every database, learned from past exports."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from desk.tickets.models import Ticket
from tests.sample.models import Note, Parcel, Seat
from waybill import exports
from waybill.jobs import queries
from waybill.models import ExportFile, ExportJob
from waybill.plan.freeze import freeze
from waybill.values import ExportRequest, Options
from waybill.work import sample
from waybill.work.estimate import estimate, forecast
from waybill.work.run import run
from waybill.work.sample import Sample

WIDE = "wide load " * 40


@pytest.mark.parametrize("count", [0, 1, 300, 301, 1_000])
def test_rows_are_counted_and_sampled_in_one_walk_on_every_database(count, database):
    Parcel.objects.bulk_create(Parcel(code=f"P-{n}", text=WIDE) for n in range(count))
    plan = exports.planned(ExportRequest(resource="parcels"), by=None)

    seen = sample.look(plan)

    assert (seen.rows, seen.exact) == (count, True)
    assert min(count, 150) <= len(seen.keys) <= 300
    assert len(set(seen.keys)) == len(seen.keys)
    assert set(seen.keys) <= set(Parcel.objects.values_list("pk", flat=True))


def test_beyond_the_limit_rows_are_about_as_many_on_every_database(database, monkeypatch):
    monkeypatch.setattr(sample, "COUNTED", 99)
    Parcel.objects.bulk_create(Parcel(code=f"P-{n}", text="") for n in range(150))
    plan = exports.planned(ExportRequest(resource="parcels"), by=None)

    seen = sample.look(plan)

    assert not seen.exact
    assert seen.rows >= 100
    assert 30 <= len(seen.keys) <= 300


@pytest.mark.django_db(transaction=True)
def test_rows_that_take_too_long_to_count_are_guessed_from_keys_all_over_the_table(monkeypatch):
    def slow(_rows):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(60)")

    monkeypatch.setattr(sample, "_counted", slow)
    monkeypatch.setattr(sample, "COUNT_SECONDS", 0.1)
    monkeypatch.setattr(sample, "_planned_rows", lambda rows: 0)
    Parcel.objects.bulk_create(Parcel(code=f"P-{n}", text="") for n in range(150))
    plan = exports.planned(ExportRequest(resource="parcels"), by=None)

    seen = sample.look(plan)

    assert (seen.rows, seen.exact) == (150, False)
    assert set(seen.keys) <= set(Parcel.objects.values_list("pk", flat=True))


def test_rows_with_keys_of_several_columns_are_counted_too(database):
    Seat.objects.bulk_create(Seat(row=n, number=1, word="") for n in range(5))
    plan = exports.planned(ExportRequest(resource="seats"), by=None)

    seen = sample.look(plan)

    assert (seen.rows, len(seen.keys)) == (5, 5)


@pytest.mark.django_db(transaction=True)
def test_keys_of_a_part_too_large_to_count_lie_all_over_it():
    Parcel.objects.bulk_create(Parcel(code=f"P-{n}", text="", fragile=n % 2) for n in range(4_000))
    plan = exports.planned(ExportRequest(resource="parcels", filters={"fragile": True}), by=None)

    keys = sample._among(plan.source, sample._tried(plan.source))[:: sample.TRIED // sample.SAMPLED]

    quarters = {4 * (key - Parcel.objects.earliest("pk").pk) // 4_000 for key in keys}
    assert quarters == {0, 1, 2, 3}
    assert Parcel.objects.filter(pk__in=keys, fragile=True).count() == len(keys)


@pytest.mark.django_db(transaction=True)
def test_a_sample_finds_formulas_and_long_texts():
    Parcel.objects.create(code="=1+1", text="😀" * 16_384)
    Parcel.objects.create(code="plain", text="")
    frozen = freeze(ExportRequest(resource="parcels", columns=("code", "text")), None)
    keys = [*Parcel.objects.values_list("pk", flat=True)]

    seen = sample.write(frozen, by=None, keys=keys)

    assert (seen.rows, seen.guarded, seen.longest) == (2, 1, 32_768)


SHOWN = [
    ("csv", Options(), [["Code", "Text"], ["'=1+1", 'a"b, c\nd'], ["plain", ""]]),
    ("csv", Options(guard=False), [["Code", "Text"], ["=1+1", 'a"b, c\nd'], ["plain", ""]]),
    ("csv", Options(delimiter=";"), [["Code", "Text"], ["'=1+1", 'a"b, c\nd'], ["plain", ""]]),
    ("csv", Options(raw=True), [["code", "text"], ["=1+1", 'a"b, c\nd'], ["plain", ""]]),
    ("excel", Options(), [["Code", "Text"], ["=1+1", 'a"b, c\nd'], ["plain", ""]]),
]
LINES = [
    ['{"code":"=1+1","text":"a\\"b, c\\nd"}'],
    ['{"code":"plain","text":""}'],
]


@pytest.mark.parametrize(
    ("form", "options", "cells"),
    [
        *SHOWN,
        ("json", Options(), LINES),
        ("ndjson", Options(compression="gzip"), LINES),
    ],
)
def test_the_preview_is_what_the_file_will_hold(form, options, cells, database):
    Parcel.objects.create(code="=1+1", text='a"b, c\nd')
    Parcel.objects.create(code="plain", text="")
    asked = ExportRequest(
        resource="parcels", format=form, columns=("code", "text"), sort=("id",), options=options
    )

    assert sample.preview(freeze(asked, None), by=None, rows=10) == cells
    assert sample.preview(freeze(asked, None), by=None, rows=1) == cells[: 2 - ("json" in form)]


@pytest.mark.django_db(transaction=True)
def test_a_text_of_any_length_is_sampled_and_previewed_whole():
    long = 'say "so", ' * 40_000
    Parcel.objects.create(code="P-1", text=long)
    frozen = freeze(ExportRequest(resource="parcels", columns=("text",)), None)

    assert sample.write(frozen, by=None, keys=[Parcel.objects.get().pk]).longest == len(long)
    assert sample.preview(frozen, by=None, rows=1) == [["Text"], [long]]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("form", ["json", "ndjson"])
def test_the_preview_has_child_rows_where_a_row_holds_them(form):
    Note.objects.create(parcel=Parcel.objects.create(code="P-1", text=""), body="left at the door")
    asked = ExportRequest(resource="parcels", format=form, options=Options(children=True))

    (line,) = sample.preview(freeze(asked, None), by=None, rows=10)

    assert "left at the door" in line[0]


SHAPES = [
    ExportRequest(resource="tickets", format="csv"),
    ExportRequest(resource="tickets", format="excel"),
    ExportRequest(resource="tickets", format="json"),
    ExportRequest(resource="tickets", format="ndjson", options=Options(compression="gzip")),
]


@pytest.mark.usefixtures("fresh_folder", "quiet_doorbell")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("asked", SHAPES, ids=lambda one: one.format)
def test_after_ten_exports_the_size_is_right_within_a_half(asked, ada):
    Ticket.objects.bulk_create(
        Ticket(ticket_code=f"T-{n}", subject=f"Ticket {n}", description="why " * (n % 60))
        for n in range(2_400)
    )
    for _ in range(10):
        _run(asked, ada)
    Ticket.objects.bulk_create(
        Ticket(ticket_code=f"U-{n}", subject=f"Again {n}", description="how " * (n % 60))
        for n in range(2_400)
    )

    said = estimate(freeze(asked, ada), by=ada)

    made = _run(asked, ada)
    assert said.rows == made.exported_items == 4_800
    assert made.file.bytes / 1.5 < said.bytes < made.file.bytes * 1.5


def _run(asked: ExportRequest, person) -> ExportJob:
    """Make the export in the background."""
    from waybill.jobs.request import Wish, request_export

    job = request_export(freeze(asked, person), by=person, wish=Wish(counted=False)).job
    run(str(job.pk))
    return queries.get(job.pk)


@pytest.mark.django_db
def test_after_ten_exports_the_time_is_right_within_two_whatever_their_size(ada):
    frozen = freeze(ExportRequest(resource="tickets"), ada)
    for rows in (3, 40, 12_000, 25_000, 60_000, 100_000, 250_000, 20_000, 15_000, 30_000):
        _past(frozen, rows=rows, seconds=0.2 + rows / 80_000)

    for rows in (20_000, 1_000_000):
        said = forecast(frozen, rows=rows, sample=Sample(rows=1, row_bytes=400))
        took = 0.2 + rows / 80_000
        assert took / 2 < said.seconds < took * 2
        assert rows * 350 < said.bytes < rows * 450


@pytest.mark.django_db
def test_small_exports_and_those_sent_at_once_teach_no_speed(ada):
    frozen = freeze(ExportRequest(resource="tickets"), ada)
    unlearned = forecast(frozen, rows=50_000, sample=Sample())
    for _ in range(10):
        _past(frozen, rows=5, seconds=0.4)
        _past(frozen, rows=20_000, seconds=600, delivery="direct")

    assert forecast(frozen, rows=50_000, sample=Sample()).seconds == unlearned.seconds


def _past(frozen, *, rows: int, seconds: float, delivery: str = "background") -> None:
    """Note an export that took so long; its file holds 400 bytes a row and a head of 300."""
    end = timezone.now()
    job = ExportJob.objects.create(
        resource="tickets",
        format="csv",
        delivery=delivery,
        frozen=frozen.to_json(),
        exported_items=rows,
        started_at=end - timedelta(seconds=seconds),
        completed_at=end,
        expires_at=end,
    )
    facts = {"fence": 1, "rows": rows, "bytes": 300 + rows * 400, "receipt": {}}
    job.file = ExportFile.objects.create(job=job, **facts)
    job.status = "completed"
    job.save()
