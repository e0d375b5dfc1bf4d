"""Exports that take long, and somebody else's that do not wait for them."""

import pytest
from django.contrib.auth import get_user_model

from tests.factories.jobs import requested
from tests.factories.workers import until, workers
from tests.sample.models import Wagon
from waybill.jobs import control, queries
from waybill.values import ExportRequest

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

LONG = ExportRequest(resource="naps")
ROWS = 4_000  # a twentieth of a second each: longer than everything else here may wait


def status(jobs):
    return [queries.get(job.pk).status for job in jobs]


def test_huge_exports_of_one_person_leave_a_worker_to_others(parcels, start):
    """Of three workers one person's take two; the end of one makes room for their next."""
    Wagon.objects.bulk_create(Wagon(id=number, word="x") for number in range(ROWS))
    greedy = get_user_model().objects.create_user("greedy", display_name="Greedy")
    with workers(3) as three:
        huge = [requested(greedy, request=LONG) for _ in range(3)]
        until(lambda: status(huge) == ["processing", "processing", "pending"])
        small = start()
        until(lambda: status([small]) == ["completed"])
        assert status(huge) == ["processing", "processing", "pending"]

        control.cancel(queries.get(huge[0].pk), by=greedy)
        until(lambda: status(huge) == ["canceled", "processing", "processing"])
        for job in huge[1:]:
            control.cancel(queries.get(job.pk), by=greedy)
        # Killed in the middle, a worker would leave the database busy for its napping rows.
        for one in three:
            one.process.terminate()
        assert {one.ended()[0] for one in three} <= {0, -15}
