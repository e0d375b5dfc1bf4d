"""Databases that refuse in the middle: a replica, a server without room (FAULTS 27, 33, 38)."""

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction

from tests.factories.jobs import requested
from tests.sample.models import Parcel
from waybill import conf
from waybill.jobs import queries
from waybill.values import ExportRequest
from waybill.work.run import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]

ROWS = 2_000
PENDING = []


@pytest.fixture
def pat():
    text = "wide load " * 50
    Parcel.objects.bulk_create(Parcel(code=f"P-{n}", text=f"{n} {text}") for n in range(ROWS))
    return get_user_model().objects.create_user("pat", display_name="Pat")


def once(point, job_id, rows):
    """Do what waits to be done, when the rows are counted and none is read."""
    if point == "counted" and PENDING:
        PENDING.pop()()


class ReadParcelsThere:
    """Reads parcels from the replica, and everything else from the primary."""

    def db_for_read(self, model, **hints):
        return "replica" if model is Parcel else None

    def allow_relation(self, one, other, **hints):
        return True


def on_disk():
    places = [conf.settings().spool, conf.settings().files]
    return [path for place in places for path in place.rglob("*") if path.is_file()]


def test_an_export_that_a_replica_ends_is_made_at_the_next_attempt(replica, pat, settings):
    """FAULTS 27: the primary locked the table that the snapshot on the replica was reading."""
    settings.DATABASE_ROUTERS = [f"{__name__}.ReadParcelsThere"]
    settings.TESTING = True
    settings.WAYBILL = {**settings.WAYBILL, "fault_hook": f"{__name__}.once"}
    replica.catch_up()
    job = requested(pat)

    def conflict():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("LOCK TABLE sample_parcel IN ACCESS EXCLUSIVE MODE")
            cursor.execute("DELETE FROM sample_parcel WHERE id % 2 = 0")
        replica.catch_up()

    PENDING.append(conflict)
    run(str(job.pk))
    waiting = queries.get(job.pk)
    assert PENDING == []
    assert (waiting.status, waiting.error_code) == ("pending", "source_gone")
    assert on_disk() == []

    assert run(str(job.pk)).status == "completed"
    assert queries.get(job.pk).exported_items == ROWS // 2


def on_new_sessions(setting, value):
    """Set what the next connections to the test's database begin with."""
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {name} SET {setting} = {value}")


def test_a_server_without_room_to_sort_is_asked_again(pat):
    """FAULTS 38: its temporary files are full; nothing of the attempt stays."""
    asked = ExportRequest(resource="parcels", columns=("id", "text"), sort=("text",))
    job = requested(pat, request=asked)
    limits = {"temp_file_limit": "'64kB'", "work_mem": "'64kB'"}
    try:
        for setting, value in limits.items():
            on_new_sessions(setting, value)
        run(str(job.pk))
    finally:
        for setting in limits:
            on_new_sessions(setting, "DEFAULT")
    waiting = queries.get(job.pk)
    assert (waiting.status, waiting.error_code) == ("pending", "source_gone")
    assert on_disk() == []
    assert run(str(job.pk)).status == "completed"
