"""How soon and how exactly a killed worker's export is made by another (G2, G9, FAULTS 1)."""

import filecmp

import pytest
from django.db import connection

from tests.factories.faults import fault
from tests.factories.jobs import requested
from tests.factories.workers import AS_SHIPPED, until, workers
from waybill import conf, exports
from waybill.jobs import queries
from waybill.values import ExportRequest
from waybill.work.sweep import sweep

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(400)]

WAGONS = ExportRequest(resource="wagons")
ROWS = 1_000_000
RESTART_SECONDS = 30


@pytest.fixture
def wagons(transactional_db, fresh_folder):
    """Make a million rows in the database itself, and drop them faster than one by one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO sample_wagon (id, word) SELECT n, md5(n::text)"
            f" FROM generate_series(1, {ROWS}) AS n"
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE sample_wagon")


@pytest.fixture
def undisturbed(wagons, tmp_path):
    """Write the file of a run that nothing happens to."""
    file = tmp_path / "undisturbed.csv"
    with file.open("wb") as out:
        exports.write(exports.planned(WAGONS, by=None), out)
    return file


@pytest.mark.slow(50)
def test_an_export_of_a_million_rows_survives_the_death_of_its_worker(undisturbed, disk, tmp_path):
    """G2, FAULTS 1: killed midway, with the lease of production and no sweep beside the workers."""
    job = requested(None, request=WAGONS)
    death = fault("SIGKILL", "rows", tmp_path, at=ROWS // 2)
    with workers(2, **{**AS_SHIPPED, **death}):
        until(lambda: queries.get(job.pk).status == "completed", 120)
    done = queries.get(job.pk)

    assert (done.attempt, done.crashes, done.file.rows) == (2, 1, ROWS)
    began = [line.created_at for line in queries.log_of(done) if line.event == "processing"]
    died = (tmp_path / "strike-0").stat().st_mtime
    assert began[1].timestamp() - died < RESTART_SECONDS
    assert filecmp.cmp(conf.settings().files / done.file.key, undisturbed, shallow=False)
    sweep()
    assert disk() == [done.file.key.rpartition("/")[2]]
