"""What only one of the databases beside PostgreSQL does."""

import csv
import io

import pytest
from django.db import connections
from django.db.utils import ConnectionHandler

from tests.sample.models import Parcel, Shelf, Wagon
from waybill import Column, Export, errors, exports
from waybill.read import sqlite
from waybill.values import ExportRequest, Options


def texts(resource, column):
    """Export one column and give its cells."""
    request = ExportRequest(resource=resource, columns=(column,), options=Options(raw=True))
    out = io.BytesIO()
    exports.write(exports.planned(request, by=None), out)
    return [row[0] if row else "" for row in csv.reader(io.StringIO(out.getvalue().decode()))][1:]


@pytest.mark.django_db
def test_inside_a_test_case_the_export_says_that_it_cannot_see_the_rows():
    Shelf.objects.create(name="never committed")
    with pytest.raises(errors.RowsUnseen, match="TransactionTestCase"):
        texts("shelves", "name")


@pytest.mark.parametrize("name", [":memory:", "", "file:rows?mode=memory&cache=shared"])
def test_a_sqlite_database_in_memory_is_refused(name):
    handler = ConnectionHandler({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": name}})
    with pytest.raises(errors.RowsUnseen, match="file"):
        sqlite.refuse_memory(handler["default"])


def test_bytes_that_are_no_text_come_as_replacement_characters_from_sqlite(sqlite_rows):
    """FAULTS 55: the rows before and after such a one come once each."""
    Wagon.objects.bulk_create(Wagon(pk=n, word=f"w{n}") for n in range(300))
    with connections[sqlite_rows].cursor() as cursor:
        cursor.execute(
            "UPDATE sample_wagon SET word = CAST(x'61ff62' AS TEXT) WHERE id IN (7, 250)"
        )
    wanted = ["a\ufffdb" if n in {7, 250} else f"w{n}" for n in range(300)]
    assert texts("wagons", "word") == wanted


def test_sqlites_log_shrinks_again_once_the_export_is_over(sqlite_rows):
    """FAULTS 32."""
    from waybill.read.snapshot import snapshot

    Wagon.objects.bulk_create(Wagon(pk=n, word="x" * 50) for n in range(2_000))
    plan = exports.planned(ExportRequest(resource="wagons"), by=None)
    with snapshot(plan):
        for _ in range(20):
            Wagon.objects.update(word="y" * 50)
        assert checkpointed(sqlite_rows) is False
    assert checkpointed(sqlite_rows) is True


def checkpointed(alias):
    """Try to empty the write-ahead log; say whether it went."""
    with connections[alias].cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout = 0")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, _, _ = cursor.fetchone()
    return not busy


def test_a_writer_that_took_the_lock_first_does_not_hold_up_an_export_from_sqlite(sqlite_rows):
    """FAULTS 31."""
    Wagon.objects.create(pk=1, word="seen")
    with connections[sqlite_rows].cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE")
        cursor.execute("INSERT INTO sample_wagon VALUES (2, 'not yet')")
        assert texts("wagons", "word") == ["seen"]
        cursor.execute("ROLLBACK")


def test_mariadbs_zero_dates_come_as_nothing(mariadb_rows):
    """FAULTS 34."""
    parcel = Parcel.objects.create(code="old")
    with connections[mariadb_rows].cursor() as cursor:
        cursor.execute("SET SESSION sql_mode = ''")
        cursor.execute(
            "UPDATE sample_parcel SET day = '0000-00-00', moment = '0000-00-00 00:00:00' "
            "WHERE id = %s",
            [parcel.pk],
        )
    assert texts("parcels", "day") == [""]
    assert texts("parcels", "moment") == [""]


def test_texts_of_older_character_sets_come_whole_from_mariadb(mariadb_rows):
    """FAULTS 34."""
    with connections[mariadb_rows].cursor() as cursor:
        cursor.execute("ALTER TABLE sample_wagon CONVERT TO CHARACTER SET latin1")
    try:
        Wagon.objects.create(pk=1, word="größer €")
        assert texts("wagons", "word") == ["größer €"]
    finally:
        with connections[mariadb_rows].cursor() as cursor:
            cursor.execute("ALTER TABLE sample_wagon CONVERT TO CHARACTER SET utf8mb4")


def test_joined_texts_longer_than_the_servers_limit_come_whole_from_mariadb(mariadb_rows):
    from tests.sample.models import Label

    parcel = Parcel.objects.create(code="many")
    words = [f"{n:04d}" + "w" * 90 for n in range(300)]
    parcel.labels.set(Label.objects.bulk_create(Label(word=word) for word in words))
    with connections[mariadb_rows].cursor() as cursor:
        cursor.execute("SET GLOBAL group_concat_max_len = 1024")
    assert texts("parcels", "labels") == [", ".join(words)]


def test_a_function_over_a_path_to_many_rows_is_refused_when_declared():
    with pytest.raises(errors.DeclarationError, match="labels__word"):

        class Wrong(Export):
            name = "wrong"
            model = Parcel
            columns = [Column("all", function=str, uses=("labels__word",), kind="text")]
