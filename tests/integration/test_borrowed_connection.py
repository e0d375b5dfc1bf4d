"""An export that somebody waits for reads on the connection of its thread, where it is free."""

import io
from contextlib import closing
from threading import Thread
from time import sleep

import pytest
from django.db import InternalError, OperationalError, connection, connections, transaction

from tests.sample.exports import NoteExport
from tests.sample.models import Shelf, Wagon
from waybill import Column, errors, exports
from waybill.read.lent import Canceling
from waybill.read.snapshot import snapshot
from waybill.values import ExportRequest, Options
from waybill.write.encode import encode, writer_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def wagons():
    """Make forty rows."""
    Wagon.objects.bulk_create(Wagon(pk=n, word=f"w{n}") for n in range(40))


def planned(resource):
    return exports.planned(ExportRequest(resource=resource), by=None)


def backend():
    """Give the number of the server's process behind this thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def shown(setting):
    """Give a setting of this thread's connection."""
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {setting}")
        return cursor.fetchone()[0]


def test_it_reads_there_and_leaves_no_setting_behind():
    settings = ("transaction_isolation", "timezone", "statement_timeout", "lock_timeout", "jit")
    before = [shown(one) for one in settings]
    here = backend()
    plan, out = planned("wagons"), io.BytesIO()
    with snapshot(plan, alone=True) as source:
        assert source.connection is connections["default"]
        assert shown("transaction_isolation") == "repeatable read"
        with pytest.raises(InternalError, match="read-only"), transaction.atomic():
            Wagon.objects.all().delete()
        assert encode(source, plan, out).rows == 40
    assert backend() == here
    assert [shown(one) for one in settings] == before
    assert Wagon.objects.all().delete()[0] == 40


def test_without_a_promise_it_has_a_connection_of_its_own():
    with snapshot(planned("wagons")) as source:
        assert source.connection is not connections["default"]


def test_amid_a_transaction_it_has_one_of_its_own_and_sees_what_is_committed():
    with transaction.atomic():
        Wagon.objects.filter(pk__lt=10).delete()
        with snapshot(planned("wagons"), alone=True) as source:
            assert source.connection is not connections["default"]
            assert source.snapshot.count == 40
    with snapshot(planned("wagons"), alone=True) as source:
        assert source.snapshot.count == 30


def test_where_python_computes_a_column_it_has_one_of_its_own():
    Shelf.objects.create(name="Top")
    with snapshot(planned("shelves"), alone=True) as source:
        assert source.connection is not connections["default"]


def read_while(disturbing):
    """Read forty rows of a twentieth of a second each; `disturbing` runs meanwhile elsewhere."""
    plan = planned("naps")
    with snapshot(plan, alone=True) as source:
        rows = source.rows(plan, writer_for("csv"))
        elsewhere = Thread(target=lambda: (sleep(0.2), disturbing(source)))
        elsewhere.start()
        try:
            assert list(rows)
        finally:
            elsewhere.join()


def test_where_python_computes_a_column_of_child_rows_it_has_one_of_its_own(monkeypatch):
    loud = Column("loud", function=str.upper, uses=("body",), kind="text")
    monkeypatch.setattr(NoteExport, "columns", [*NoteExport.columns, loud])
    asked = ExportRequest(resource="parcels", format="excel", options=Options(children=True))
    with snapshot(exports.planned(asked, by=None), alone=True) as source:
        assert source.connection is not connections["default"]


def fill_up(resource, read):
    """Begin to read rows, and find the disk full."""
    plan = planned(resource)
    with snapshot(plan, alone=True) as source:
        read(source.rows(plan, writer_for("csv")))
        raise errors.StorageFull


def test_an_error_of_the_file_leaves_the_session_as_it_was():
    here = backend()
    with connection.cursor() as cursor:
        cursor.execute("SET application_name = 'tenant-7'")
    with pytest.raises(errors.StorageFull):
        fill_up("wagons", list)
    assert (backend(), shown("application_name")) == (here, "tenant-7")


def test_an_error_amid_the_rows_comes_out_as_it_is_though_nobody_can_connect(monkeypatch):
    here = backend()

    def refused(*_given, **_more):
        raise OperationalError("too many clients")

    monkeypatch.setattr(type(connections["default"]), "get_new_connection", refused)
    with pytest.raises(errors.StorageFull):
        fill_up("naps", lambda rows: rows)
    monkeypatch.undo()
    assert backend() != here


def test_a_database_that_is_not_there_is_told_as_gone(monkeypatch):
    def refused(*_given, **_more):
        raise OperationalError("starting up")

    plan = planned("wagons")
    connections["default"].close()
    monkeypatch.setattr(type(connections["default"]), "get_new_connection", refused)
    with pytest.raises(errors.SourceGone), snapshot(plan, alone=True):
        pass


def test_a_query_that_is_ended_takes_the_connection_along():
    here = backend()
    with pytest.raises(errors.RunStopped):
        read_while(lambda source: source.stop())
    assert backend() != here


def test_a_server_that_ends_the_session_is_told_as_gone_and_asked_again():
    here = backend()

    def terminated(source):
        with closing(source.connection.copy()) as other, other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [here])

    with pytest.raises(errors.SourceGone):
        read_while(terminated)
    assert Wagon.objects.count() == 40


def test_what_ended_its_query_ends_nothing_after_it():
    """A stop comes from another thread, and may come late."""
    with snapshot(planned("wagons"), alone=True) as source:
        assert isinstance(source.interrupt, Canceling)
    ending = Thread(target=lambda: (sleep(0.1), source.stop()))
    ending.start()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.3)")
    ending.join()
    assert not source.interrupt.called
