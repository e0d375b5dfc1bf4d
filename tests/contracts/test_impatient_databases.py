"""Servers that end what takes long, as many are set up to do (FAULTS 25)."""

import pytest
from django.db import connection, connections

from tests.factories.faults import HOOK, fault
from tests.factories.jobs import requested
from tests.sample.models import Wagon
from waybill.jobs import queries
from waybill.values import ExportRequest
from waybill.work.run import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]


@pytest.fixture
def pace(quiet_doorbell, fresh_folder, settings, monkeypatch, tmp_path):
    """Let every chunk of rows take a fifth of a second."""
    settings.TESTING = True
    settings.WAYBILL = {**settings.WAYBILL, "fault_hook": HOOK}
    said = fault("pace", "rows", tmp_path)["variables"]
    monkeypatch.setenv("WAYBILL_FAULT", said["WAYBILL_FAULT"])


@pytest.fixture
def hurried():
    """Let PostgreSQL end statements and idle transactions after a second."""
    named = f'ALTER DATABASE "{connection.settings_dict["NAME"]}"'
    limits = ("statement_timeout", "idle_in_transaction_session_timeout")
    with connection.cursor() as cursor:
        for limit in limits:
            cursor.execute(f"{named} SET {limit} = '1s'")
    yield
    with connection.cursor() as cursor:
        for limit in limits:
            cursor.execute(f"{named} RESET {limit}")


def wagons(count):
    Wagon.objects.all().delete()
    Wagon.objects.bulk_create(Wagon(id=number, word="x" * 50) for number in range(count))


def completed(resource):
    job = requested(None, request=ExportRequest(resource=resource))
    assert run(str(job.pk)).status == "completed"
    return queries.get(job.pk)


@pytest.mark.usefixtures("pace", "hurried")
def test_an_export_outlasts_postgresqls_limits_of_time():
    wagons(40)  # a twentieth of a second each
    assert completed("naps").exported_items == 40


@pytest.mark.usefixtures("pace")
@pytest.mark.parametrize("job_database", ["mariadb"], indirect=True)
def test_an_export_outlasts_mariadbs_limits_of_time(job_database):
    wagons(40_000)
    settings = connections[job_database].settings_dict
    before = settings["OPTIONS"]
    hurry = "SET SESSION wait_timeout = 1, net_write_timeout = 1, max_statement_time = 1"
    settings["OPTIONS"] = {**before, "init_command": hurry}
    connections[job_database].close()
    try:
        assert completed("wagons").exported_items == 40_000
    finally:
        settings["OPTIONS"] = before
        connections[job_database].close()
