"""A file shows the database at one instant, whatever happens meanwhile (J4, FAULTS 29)."""

import io
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from django.db import connection, connections, transaction
from django.db.models import F

from tests.sample.models import Parcel, Shelf
from waybill import clock, errors, exports
from waybill.plan.build import build
from waybill.plan.freeze import freeze
from waybill.read import zones
from waybill.read.snapshot import snapshot
from waybill.values import ExportRequest, Options
from waybill.write.encode import encode, writer_for

ROWS = 400


def exported(**asked):
    out = io.BytesIO()
    options = asked.pop("options", Options(raw=True))
    request = ExportRequest(resource="parcels", options=options, **asked)
    receipt = exports.write(exports.planned(request, by=None), out)
    return [line.split(",") for line in out.getvalue().decode().splitlines()[1:]], receipt


def test_an_export_is_as_of_its_request(database):
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    Parcel.objects.create(code="deleted before", deleted=now - hour)
    Parcel.objects.create(code="there")
    Parcel.objects.create(code="deleted after", deleted=now + hour)
    Parcel.objects.create(code="not yet", created=now + hour)
    request = ExportRequest(resource="parcels", columns=("code",))
    frozen = freeze(request, None)
    Parcel.objects.create(code="after the request", created=frozen.requested_at + hour / 60)
    out = io.BytesIO()
    exports.write(build(frozen, None), out)
    assert out.getvalue().decode("utf-8-sig").splitlines()[1:] == ["there", "deleted after"]


@pytest.mark.parametrize("at_once", [False, True], ids=["later", "at once"])
def test_a_row_deleted_between_request_and_snapshot_is_still_in(at_once, database):
    for code in ("before", "meanwhile", "never"):
        Parcel.objects.create(code=code)
    second = timedelta(seconds=1)
    frozen = freeze(ExportRequest(resource="parcels", columns=("code",)), None)
    Parcel.objects.filter(code="before").update(deleted=frozen.requested_at - second)
    Parcel.objects.filter(code="meanwhile").update(deleted=frozen.requested_at + second)
    out = io.BytesIO()
    exports.write(build(frozen, None, at_once=at_once), out)
    assert out.getvalue().decode("utf-8-sig").splitlines()[1:] == ["meanwhile", "never"]


def test_a_row_restored_between_request_and_snapshot_is_in_again(database):
    for code in ("stays deleted", "restored"):
        Parcel.objects.create(code=code, deleted=datetime.now(UTC) - timedelta(hours=1))
    frozen = freeze(ExportRequest(resource="parcels", columns=("code",)), None)
    Parcel.objects.filter(code="restored").update(deleted=None)
    out = io.BytesIO()
    exports.write(build(frozen, None), out)
    assert out.getvalue().decode("utf-8-sig").splitlines()[1:] == ["restored"]


def test_a_row_deleted_while_rows_are_written_is_still_in(database):
    for code in ("first", "second"):
        Parcel.objects.create(code=code)
    plan = exports.planned(ExportRequest(resource="parcels", columns=("code",)), by=None)
    out = io.BytesIO()
    with snapshot(plan) as source:
        Parcel.objects.filter(code="first").update(deleted=datetime.now(UTC))
        Parcel.objects.filter(code="second").delete()
        encode(source, plan, out)
    assert out.getvalue().decode("utf-8-sig").splitlines()[1:] == ["first", "second"]


def test_a_row_of_the_very_moment_of_the_request_is_in(sqlite_rows, monkeypatch):
    """SQLite compares texts, and Python writes a whole second without the zeros behind it."""
    second = "2026-11-20 12:00:00"
    monkeypatch.setitem(clock.CLOCKS, "sqlite", f"SELECT '{second}.000'")
    Parcel.objects.create(code="now")
    with connections["sqlite"].cursor() as cursor:
        cursor.execute(f"UPDATE sample_parcel SET created = '{second}.000'")
    frozen = freeze(ExportRequest(resource="parcels", columns=("code",)), None)
    out = io.BytesIO()
    exports.write(build(frozen, None), out)
    assert out.getvalue().decode("utf-8-sig").splitlines()[1:] == ["now"]


def test_now_in_a_column_is_the_snapshots_time(database):
    made = datetime(2026, 1, 1, tzinfo=UTC)
    Parcel.objects.create(code="x", created=made)
    [[age]], receipt = exported(columns=("age",))
    hours, minutes, seconds = age.split(":")
    shown = timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds))
    at = datetime.fromisoformat(receipt["snapshot"]["at"])
    assert abs(shown - (at - made)) < timedelta(milliseconds=1)


@pytest.mark.django_db(transaction=True)
def test_an_export_waits_for_a_table_that_is_altered_only_so_long(settings):
    settings.WAYBILL = {**settings.WAYBILL, "lock_seconds": 1}
    plan = exports.planned(ExportRequest(resource="parcels", columns=("code",)), by=None)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE sample_parcel IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(errors.SourceGone), snapshot(plan):
            pass
    assert errors.SourceGone.retryable


@pytest.mark.django_db(transaction=True)
def test_a_query_that_fails_in_the_middle_fails_the_export():
    Parcel.objects.bulk_create(Parcel(code="x" * 150, number=n) for n in range(5_000, -1, -1))
    plan = exports.planned(ExportRequest(resource="parcels", columns=("code",)), by=None)

    class Dividing:
        def sql(self, plan):
            rendered = writer_for("csv").sql(plan)
            broken = f"{rendered.select[0]} || (1 / (length(r.c1) - 1))::text"
            return type(rendered)(select=(broken,), options=rendered.options)

    def read():
        with snapshot(plan) as source:
            list(source.rows(plan, Dividing()))

    Parcel.objects.filter(number=0).update(code="y")
    with pytest.raises(psycopg.DataError):
        read()


@pytest.mark.django_db
def test_the_sessions_zone_is_set_only_where_nothing_looks_at_it():
    from django.db.models import TextField
    from django.db.models.functions import Cast

    plain = Parcel.objects.filter(shelf__name="x", created__lt=datetime.now(UTC))
    assert zones.indifferent(plain.order_by("-created").values_list("moment").query)
    told = plain.annotate(said=Cast("moment", TextField()))
    assert not zones.indifferent(told.query)
    added = plain.annotate(later=F("moment") + timedelta(days=1))
    assert not zones.indifferent(added.query)
    inside = Shelf.objects.filter(pk__in=told.filter(said="x").values("shelf"))
    assert not zones.indifferent(inside.query)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "Asia/Kathmandu", "UTC"])
def test_a_time_as_text_does_not_change_with_the_zone_of_the_file(zone):
    Parcel.objects.create(moment=datetime(2026, 7, 1, 12, tzinfo=UTC))
    rows, _ = exported(columns=("moment", "letters"), options=Options(zone=zone))
    shown = {"Europe/Berlin": "14:00:00", "Asia/Kathmandu": "17:45:00", "UTC": "12:00:00"}
    assert rows == [[f"2026-07-01 {shown[zone]}", "0"]]
