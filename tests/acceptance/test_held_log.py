"""A host that is cut off amid a line of the log, while others have exports running."""

import time

import pytest
from django.db import connections

from desk.apps import IDLE_SECONDS
from tests.factories.faults import fault
from tests.factories.workers import AS_SHIPPED, sweeping, until, workers
from waybill.jobs import audit
from waybill.models import ExportJob

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]

LEASE_SECONDS = 10  # twice as long as in other tests: a busy machine halves it easily
# As long as PostgreSQL lets Desk's transactions sleep, against leases as quick as the test's, and
# the time that it takes to end one.
HELD_SECONDS = IDLE_SECONDS * LEASE_SECONDS / AS_SHIPPED["lease_seconds"] + 1


def test_who_sleeps_on_the_log_costs_no_other_its_lease(parcels, start, disk, tmp_path):
    """J9: claims, progress and completions wait for the log, and their leases outlast it."""
    for _ in range(6):
        start()
    sleeper = connections.create_connection("default")
    quick = {"lease_seconds": LEASE_SECONDS}
    amid = fault("hold", "rows", tmp_path, times=2)  # as many as one person may have running
    with workers(3, **quick, **amid), sweeping(**quick):
        until((tmp_path / "strike-1").exists)
        with sleeper.cursor() as cursor:
            sleeper.set_autocommit(False)
            cursor.execute("UPDATE waybill_audithead SET length = length")
            (tmp_path / "go").touch()
            time.sleep(HELD_SECONDS)
        sleeper.close()
        until(lambda: not ExportJob.objects.exclude(status="completed").exists())
    assert set(ExportJob.objects.values_list("attempt", "crashes")) == {(1, 0)}
    assert len(disk()) == 6
    assert list(audit.verify()) == []
