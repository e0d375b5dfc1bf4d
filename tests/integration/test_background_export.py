"""A background export in this process: from the request to the kept file."""

import hashlib
from pathlib import Path

import pytest
from django.contrib.auth import get_user_model

from tests.factories.jobs import requested
from tests.sample.models import Parcel
from waybill import conf
from waybill.jobs import audit, control, queries
from waybill.store.seal import signed_by_us
from waybill.work.run import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("quiet_doorbell"),
]


@pytest.fixture
def job(fresh_folder, quiet_doorbell):
    Parcel.objects.bulk_create(Parcel(code=f"P-{number}", text="=1") for number in range(1000))
    person = get_user_model().objects.create_user("pat", display_name="Pat")
    return requested(person)


def left_on_disk():
    folders = [conf.settings().spool, conf.settings().files]
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def test_a_run_leaves_a_completed_job_a_file_and_a_signed_receipt(job):
    outcome = run(str(job.pk))
    assert outcome.status == "completed"
    done = queries.get(job.pk)
    file = done.file
    data = (conf.settings().files / file.key).read_bytes()
    assert hashlib.sha256(data).hexdigest() == file.sha256 == file.receipt["sha256"]
    assert (done.total_items, done.exported_items, file.rows) == (1000, 1000, 1000)
    assert signed_by_us(file.receipt)
    assert not signed_by_us(file.receipt | {"rows": 999})
    assert (conf.settings().files / file.key).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in left_on_disk()] == [Path(file.key).name]
    assert [line.event for line in queries.log_of(done)] == [
        "initiated",
        "processing",
        "progress",
        "completed",
    ]
    assert list(audit.verify()) == []


def test_a_second_call_for_the_same_job_does_nothing(job):
    run(str(job.pk))
    assert run(str(job.pk)) is None
    assert queries.get(job.pk).attempt == 1


def test_calls_for_ended_canceled_or_unknown_jobs_do_nothing(job):
    """FAULTS 5."""
    control.cancel(job, by=None)
    assert run(str(job.pk)) is None
    assert run("00000000-0000-4000-8000-000000000000") is None
