"""A cancel that reaches into the database (J7, FAULTS 18)."""

import pytest
from django.db import connection

from tests.factories.jobs import events, requested
from tests.factories.workers import AS_SHIPPED, until, workers
from tests.sample.models import Wagon
from waybill.jobs import control, queries
from waybill.values import ExportRequest

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(400),
    pytest.mark.usefixtures("fresh_folder"),
]

HALF_AN_HOUR = 36_000  # rows, at a twentieth of a second each


def napping():
    """Say whether the export's query runs in the database."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND state = 'active' AND query LIKE 'COPY (%'"
        )
        return cursor.fetchone()[0]


def test_a_cancel_ends_the_query_that_runs_in_the_database(disk):
    """By itself the query would run for half an hour; the beats are those of production."""
    Wagon.objects.bulk_create(Wagon(id=number, word="") for number in range(HALF_AN_HOUR))
    job = requested(None, request=ExportRequest(resource="naps"))
    with workers(1, **AS_SHIPPED) as (one,):
        until(napping)
        control.cancel(queries.get(job.pk), by=None)
        until(lambda: not napping())
        until(lambda: disk() == [])
        after = requested(None, request=ExportRequest(resource="wagons"))
        until(lambda: queries.get(after.pk).status == "completed")
        assert one.running
    assert queries.get(job.pk).status == "canceled"
    assert events(job) == ["initiated", "processing", "canceled"]
