"""Each shows one instant, blocks nobody, is never short (G5, G6, FAULTS 21, 22, 24 to 26, 34)."""

import csv
import io
import json
import random
import time
from contextlib import contextmanager
from datetime import UTC, datetime

import openpyxl
import pytest
from django.db import connections, transaction
from django.db.models import F, Sum
from django.db.utils import OperationalError

from tests.sample.models import Note, Parcel, Purse, Shelf, Vault, Wagon
from waybill import errors, exports
from waybill.read import batches, connection, mysql, stream
from waybill.read.snapshot import snapshot
from waybill.values import ExportRequest, Options
from waybill.write.encode import encode, writer_for

AT = datetime(2026, 7, 1, 12, tzinfo=UTC)
COINS = 12_000  # in 20 vaults with 100 each and 1,000 purses with 10 each

IMPATIENT = {
    "postgresql": "SET lock_timeout = '100ms'",
    "mariadb": "SET SESSION lock_wait_timeout = 1, innodb_lock_wait_timeout = 1",
    "sqlite": "PRAGMA busy_timeout = 0",
}


@pytest.fixture
def ledger(database):
    """Fill the vaults and the purses."""
    vaults = [Vault.objects.create(coins=100) for _ in range(20)]
    Purse.objects.bulk_create(Purse(vault=vaults[n % 20], coins=10) for n in range(1_000))
    return database


@contextmanager
def impatient(database):
    """Make this thread's connection refuse to wait for anybody's lock."""
    with connections[database].cursor() as cursor:
        cursor.execute(IMPATIENT[database])
    yield connections[database]
    connections[database].close()


def churn(draw, database):
    """Move coins between purses and vaults, and make or end a pair of purses that cancel out."""
    first, last = 1, 1_000
    with transaction.atomic(using=database):
        purse = Purse.objects.get(pk=draw.randint(first, last))
        Purse.objects.filter(pk=purse.pk).update(coins=F("coins") - 3)
        Purse.objects.filter(pk=draw.randint(first, last)).update(coins=F("coins") + 1)
        Vault.objects.filter(pk=purse.vault_id).update(coins=F("coins") + 2)
    with transaction.atomic(using=database):
        Purse.objects.create(vault_id=purse.vault_id, coins=5)
        Purse.objects.create(vault_id=purse.vault_id, coins=-5)
    with transaction.atomic(using=database):
        pairs = Purse.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)
        Purse.objects.filter(pk__in=list(pairs[:2])).delete()


def coins(lines):
    """Add up the purses, and each vault once."""
    vaults = {line["vault_id"]: int(line["vault_coins"]) for line in lines}
    return sum(int(line["coins"]) for line in lines) + sum(vaults.values())


@pytest.mark.parametrize("round_", range(20))
def test_a_file_shows_one_instant_while_rows_move_and_never_makes_a_writer_wait(
    ledger, monkeypatch, round_
):
    monkeypatch.setattr(batches, "CHUNK_BYTES", 4_096)
    draw = random.Random(round_)
    plan = exports.planned(
        ExportRequest(resource="purses", options=Options(raw=True), sort=("coins",)), by=None
    )
    out = io.BytesIO()
    in_purses = Purse.objects.aggregate(all=Sum("coins"))["all"]
    with impatient(ledger), snapshot(plan) as source:
        churn(draw, ledger)
        written = encode(source, plan, out, progress=lambda rows: churn(draw, ledger))
    lines = list(csv.DictReader(io.StringIO(out.getvalue().decode())))
    assert (len(lines), written.rows, source.snapshot.count) == (1_000, 1_000, 1_000)
    assert coins(lines) == COINS
    assert Purse.objects.aggregate(all=Sum("coins"))["all"] < in_purses


def stir(draw, notes):
    """Move, remove and add child rows, and rename what rows point at."""
    with transaction.atomic(using=Note.objects.db):
        moved = Note.objects.filter(pk__in=draw.sample(notes, 40))
        moved.update(parcel=Parcel.objects.order_by("?").first(), body="late")
        Note.objects.filter(pk=draw.choice(notes)).delete()
        Note.objects.create(parcel=Parcel.objects.order_by("?").first(), body="late")
        Shelf.objects.update(name="late")


@pytest.mark.parametrize("fmt", ["json", "excel"])
def test_rows_their_relations_and_their_child_rows_are_of_one_instant(database, monkeypatch, fmt):
    """FAULTS 22: child rows that move are there once, where they were."""
    monkeypatch.setattr(batches, "CHUNK_BYTES", 4_096)
    draw = random.Random(fmt)
    shelf = Shelf.objects.create(name="early")
    parcels = [Parcel.objects.create(code=f"p{n}", shelf=shelf) for n in range(200)]
    made = [Note(parcel=parcels[n % 200], body=f"n{n}", created=AT) for n in range(600)]
    notes = [note.pk for note in Note.objects.bulk_create(made)]
    request = ExportRequest(
        resource="parcels",
        format=fmt,
        columns=("id", "shelf"),
        options=Options(children=True),
    )
    plan = exports.planned(request, by=None)
    out = io.BytesIO()
    with impatient(database), snapshot(plan) as source:
        stir(draw, notes)
        encode(source, plan, out, progress=lambda rows: stir(draw, notes))
    shelves, found = (from_book if fmt == "excel" else from_json)(out)
    assert shelves == {"early"}
    assert sorted(found) == sorted((parcels[n % 200].pk, f"n{n}") for n in range(600))
    assert Note.objects.filter(body="late").exists()


def from_json(out):
    """Give the names of shelves, and each note with its parcel, of a document."""
    document = json.loads(out.getvalue())
    nested = [note for row in document["data"] for note in row.get("notes", [])]
    told = [(note["parcel_id"], note["body"]) for note in nested or document["notes"]]
    return {row["shelf"]["name"] for row in document["data"]}, told


def from_book(out):
    """Give the same of a workbook."""
    book = openpyxl.load_workbook(out)
    rows = book["parcels"].iter_rows(min_row=2, min_col=2, max_col=2, values_only=True)
    notes = book["notes"].iter_rows(min_row=2, max_col=2, values_only=True)
    return {shelf for (shelf,) in rows}, list(notes)


CHANGES = {
    "emptied": ("DELETE FROM {0}", "SELECT 1"),
    "widened": ("ALTER TABLE {0} ADD COLUMN extra integer", "ALTER TABLE {0} DROP COLUMN extra"),
    "narrowed": (
        "ALTER TABLE {0} DROP COLUMN word",
        "ALTER TABLE {0} ADD COLUMN word varchar(50) NOT NULL DEFAULT ''",
    ),
    "renamed": ("ALTER TABLE {0} RENAME TO other", "ALTER TABLE other RENAME TO {0}"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_table_that_is_emptied_or_altered_meanwhile_is_exported_whole(database, change):
    Wagon.objects.bulk_create(Wagon(pk=n) for n in range(2_000))
    doing, undoing = (one.format("sample_wagon") for one in CHANGES[change])
    if change == "emptied" and database != "sqlite":
        doing = "TRUNCATE TABLE sample_wagon"
    plan = exports.planned(ExportRequest(resource="wagons"), by=None)
    with impatient(database) as other, snapshot(plan) as source:
        done = attempted(other, doing)
        written = encode(source, plan, io.BytesIO())
    if done:
        assert attempted(connections[database], undoing)
    assert written.rows == 2_000
    assert done == (database == "sqlite")  # elsewhere the change waits for the export


def attempted(other, sql):
    """Run a statement; say whether its lock was to be had."""
    try:
        with other.cursor() as cursor:
            cursor.execute(sql)
    except OperationalError:
        return False
    return True


def test_mysqls_instant_is_fixed_only_once_the_tables_are_locked(mariadb_rows):
    """A table emptied between the two would read as empty, without an error."""
    Wagon.objects.create(pk=1)
    with connection.unshared(mariadb_rows) as own, impatient(mariadb_rows) as other:
        mysql.locked(own, ["sample_wagon"])
        assert not attempted(other, "TRUNCATE TABLE sample_wagon")
        Wagon.objects.create(pk=2)
        mysql.fixed(own, ["sample_wagon"])
        Wagon.objects.create(pk=3)
        assert list(stream.tuples(own, Wagon.objects.values_list("pk"), "UTC")) == [(1,), (2,)]


def test_a_table_without_consistent_reads_is_refused_by_name(mariadb_rows):
    """FAULTS 34."""
    run(mariadb_rows, ["ALTER TABLE sample_wagon ENGINE = MyISAM"])
    plan = exports.planned(ExportRequest(resource="wagons"), by=None)
    try:
        with pytest.raises(errors.SnapshotImpossible, match="sample_wagon"), snapshot(plan):
            pass
    finally:
        run(mariadb_rows, ["ALTER TABLE sample_wagon ENGINE = InnoDB"])


KILLS = {
    "postgresql": lambda own: f"SELECT pg_terminate_backend({own.connection.info.backend_pid})",
    "mariadb": lambda own: f"KILL {own.connection.thread_id()}",
}


def test_a_connection_that_is_killed_is_an_error_worth_another_try_and_never_a_short_file(database):
    Shelf.objects.bulk_create((Shelf(name="x" * 100) for _ in range(30_000)), batch_size=5_000)
    plan = exports.planned(ExportRequest(resource="shelves", columns=("name",)), by=None)

    def read():
        with snapshot(plan) as source:
            for place, _ in enumerate(source.rows(plan, writer_for("csv"))):
                if place == 0:
                    kill(source.connection)

    def kill(own):
        if database == "sqlite":
            own.connection.interrupt()
            return
        with connections[database].cursor() as cursor:
            cursor.execute(KILLS[database](own))

    with pytest.raises(errors.SourceGone) as raised:
        read()
    assert raised.value.retryable


STRICT = {
    "postgresql": (
        "ALTER DATABASE {0} SET idle_in_transaction_session_timeout = '200ms'",
        "ALTER DATABASE {0} SET statement_timeout = '200ms'",
    ),
    "mariadb": ("SET GLOBAL wait_timeout = 1, net_write_timeout = 1, max_statement_time = 0.2",),
    "sqlite": (),
}
LENIENT = {
    "postgresql": ("SET statement_timeout = 0", "ALTER DATABASE {0} RESET ALL"),
    "mariadb": ("SET GLOBAL wait_timeout = 28800, net_write_timeout = 60, max_statement_time = 0",),
    "sqlite": (),
}


@pytest.fixture
def strict(database):
    """Fill a table, then have the database end whoever pauses, or whose statement takes long."""
    Shelf.objects.bulk_create((Shelf(name="x" * 100) for _ in range(30_000)), batch_size=5_000)
    run(database, STRICT[database])
    connections[database].close()
    yield database
    connections[database].close()
    run(database, LENIENT[database])


def run(database, statements):
    """Run statements, one after the other, `{0}` being the name of the database."""
    for sql in statements:
        with connections[database].cursor() as cursor:
            cursor.execute(sql.format(connections[database].settings_dict["NAME"]))


def test_a_reader_that_pauses_outlives_the_timeouts_of_the_database(strict, monkeypatch):
    monkeypatch.setattr(batches, "CHUNK_BYTES", 1 << 20)
    plan = exports.planned(ExportRequest(resource="shelves", columns=("name",)), by=None)
    with snapshot(plan) as source:
        time.sleep(1.2)
        written = encode(source, plan, io.BytesIO(), progress=lambda rows: time.sleep(0.5))
    assert written.rows == 30_000
