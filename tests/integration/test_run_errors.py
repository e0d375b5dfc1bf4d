"""What a run makes of each kind of error (FAULTS 12, 13, 16, 24, 39, 72, 110)."""

import errno
import os
import signal
import threading
import time
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, connections, transaction
from django.test import override_settings

from tests.factories import faults
from tests.factories.jobs import requested
from tests.factories.workers import until
from tests.sample.models import Parcel
from waybill import conf, errors, registry
from waybill.jobs import control, lease, queries
from waybill.jobs.control import run_again
from waybill.models import ExportFile, Notice
from waybill.values import ExportRequest, Options
from waybill.work.run import run
from waybill.work.sweep import sweep

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]


@pytest.fixture
def pat():
    Parcel.objects.bulk_create(
        Parcel(code=f"P-{number}", text="wide load " * 100) for number in range(2_000)
    )
    return get_user_model().objects.create_user("pat", display_name="Pat")


@pytest.fixture
def job(pat):
    return requested(pat)


@pytest.fixture
def strike(monkeypatch, settings, tmp_path):
    """Give a function that sets the fault of the next runs."""
    settings.TESTING = True
    settings.WAYBILL = {**settings.WAYBILL, "fault_hook": faults.HOOK, "beat_seconds": 0.05}

    def set_fault(act, point, **given):
        said = faults.fault(act, point, tmp_path, **given)["variables"]
        monkeypatch.setenv("WAYBILL_FAULT", said["WAYBILL_FAULT"])

    return set_fault


def on_disk():
    folders = [conf.settings().spool, conf.settings().files]
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def assert_failed(job, code, attempt):
    now = queries.get(job.pk)
    assert (now.status, now.error_code, now.attempt) == ("failed", code, attempt)
    assert 0 < len(now.error_message) <= 500
    assert "secret cell" not in now.error_message
    assert on_disk() == []
    assert Notice.objects.filter(job=job, kind="failed").count() == 1


@pytest.mark.parametrize(
    ("act", "code"),
    [
        ("ValueError", "unexpected"),
        ("huge", "unexpected"),
        ("unspeakable", "unexpected"),
        ("RecursionError", "unexpected"),
        ("PermissionDenied", "right_lost"),
    ],
)
@pytest.mark.parametrize("point", ["claimed", "rows", "stored"])
def test_an_error_that_cannot_pass_ends_the_job_at_its_first_attempt(act, code, point, job, strike):
    strike(act, point)
    assert run(str(job.pk)).error == code
    assert_failed(job, code, 1)


@pytest.mark.parametrize(
    ("act", "code"), [("OperationalError", "source_gone"), ("MemoryError", "out_of_memory")]
)
def test_an_error_that_can_pass_is_tried_three_times(act, code, job, strike):
    strike(act, "rows", times=3)
    for _ in range(3):
        run(str(job.pk))
    assert_failed(job, code, 3)


def test_an_error_that_passes_does_no_harm(job, strike):
    strike("OperationalError", "stored", times=1)
    run(str(job.pk))
    waiting = queries.get(job.pk)
    assert (waiting.status, waiting.error_code) == ("pending", "source_gone")
    run(str(job.pk))
    done = queries.get(job.pk)
    assert (done.status, done.error_code, done.attempt) == ("completed", "", 2)
    assert len(on_disk()) == 1
    assert ExportFile.objects.filter(deleted_at=None).count() == 1


def test_a_file_the_database_forgot_in_a_failover_is_made_again(job, strike):
    strike("forget", "stored")
    run(str(job.pk))
    waiting = queries.get(job.pk)
    assert (waiting.status, waiting.error_code) == ("pending", "source_gone")
    run(str(job.pk))
    assert queries.get(job.pk).status == "completed"
    assert queries.get(job.pk).file.rows == 2_000


@pytest.mark.parametrize("act", ["SystemExit", "KeyboardInterrupt"])
def test_the_end_of_the_process_hands_the_job_back(act, job, strike):
    strike(act, "rows")
    with pytest.raises((SystemExit, KeyboardInterrupt)):
        run(str(job.pk))
    handed = queries.get(job.pk)
    assert (handed.status, handed.attempt) == ("pending", 0)
    assert on_disk() == []
    assert run(str(job.pk)).status == "completed"


def test_a_signal_that_comes_at_the_claim_hands_the_job_back(job, monkeypatch):
    """FAULTS 10: the worker would otherwise run the whole export before it ends."""
    real = lease.claim

    def told(*args, **given):
        held = real(*args, **given)
        signal.raise_signal(signal.SIGTERM)
        until(lambda: "waybill-stop" not in {thread.name for thread in threading.enumerate()})
        return held

    heard = []
    before = signal.signal(signal.SIGTERM, lambda *_: heard.append(1))
    monkeypatch.setattr(lease, "claim", told)
    run(str(job.pk))
    signal.signal(signal.SIGTERM, before)
    handed = queries.get(job.pk)
    assert (handed.status, handed.attempt, handed.interruptions) == ("pending", 0, 1)
    assert (heard, on_disk()) == ([1], [])


def test_a_right_lost_while_the_rows_flow_ends_the_job(job, pat, strike, settings):
    settings.WAYBILL = {**settings.WAYBILL, "right_check_seconds": 0.1}
    strike("pace", "rows")

    def withdraw():
        until(lambda: queries.get(job.pk).status == "processing")
        get_user_model().objects.filter(pk=pat.pk).update(is_active=False)
        connections.close_all()

    other = threading.Thread(target=withdraw)
    other.start()
    run(str(job.pk))
    other.join()
    assert_failed(job, "right_lost", 1)


def test_a_right_lost_before_the_run_ends_the_job(job, pat):
    get_user_model().objects.filter(pk=pat.pk).delete()
    run(str(job.pk))
    now = queries.get(job.pk)
    assert (now.status, now.error_code, now.requester_label) == ("failed", "right_lost", "Pat")


def test_an_attempt_that_takes_too_long_ends_the_job(job, strike, monkeypatch):
    monkeypatch.setattr(type(registry.get("parcels")), "time_limit", timedelta(seconds=0.3))
    strike("pace", "rows")
    run(str(job.pk))
    assert_failed(job, "time_limit", 1)


def test_an_export_without_a_time_limit_may_take_any_time(job, strike, monkeypatch):
    monkeypatch.setattr(type(registry.get("parcels")), "time_limit", None)
    strike("pace", "rows")
    assert run(str(job.pk)).status == "completed"


@pytest.mark.parametrize("setting", ["spool_limit_bytes", "quota_bytes"])
def test_a_file_beyond_its_bounds_ends_the_job_and_is_removed(setting, job, settings):
    settings.WAYBILL = {**settings.WAYBILL, setting: 100_000}
    run(str(job.pk))
    assert_failed(job, "storage_full", 1)


@pytest.mark.parametrize(
    ("fmt", "packed"), [("csv", "gzip"), ("ndjson", "gzip"), ("excel", "")], ids=str
)
def test_the_bound_of_a_file_counts_what_it_unpacks_to(fmt, packed, pat, settings):
    """FAULTS 66: 2,000 rows of 1 KB that pack to a hundredth of it."""
    asked = ExportRequest(resource="parcels", format=fmt, options=Options(compression=packed))
    settings.WAYBILL = {**settings.WAYBILL, "spool_limit_bytes": 1_000_000}
    job = requested(pat, request=asked)
    run(str(job.pk))
    assert_failed(job, "storage_full", 1)
    settings.WAYBILL = {**settings.WAYBILL, "spool_limit_bytes": 9_000_000}
    assert run(str(requested(pat, request=asked).pk)).written.bytes < 1_000_000


def test_a_full_disk_ends_the_job(job, monkeypatch):
    def full(descriptor, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    run(str(job.pk))
    monkeypatch.undo()
    assert_failed(job, "storage_full", 1)


def test_a_folder_that_cannot_be_written_is_tried_again(job, settings, tmp_path):
    wall = tmp_path / "wall"
    wall.touch()
    settings.WAYBILL = {**settings.WAYBILL, "spool_dir": wall / "spool"}
    run(str(job.pk))
    waiting = queries.get(job.pk)
    assert (waiting.status, waiting.error_code) == ("pending", "storage_down")
    settings.WAYBILL = {**settings.WAYBILL, "spool_dir": tmp_path / "spool"}
    assert run(str(job.pk)).status == "completed"


def test_a_link_in_place_of_the_jobs_folder_is_not_followed(job, tmp_path):
    folder = conf.settings().files / "exports"
    folder.mkdir(parents=True)
    (folder / str(job.pk)).symlink_to(tmp_path, target_is_directory=True)
    run(str(job.pk))
    assert queries.get(job.pk).error_code == "storage_down"
    assert not list(tmp_path.glob("*.csv"))


def test_a_reading_connection_that_is_cut_gives_no_short_file(job, strike):
    strike("pace", "rows")

    def ended():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE 'COPY%' AND datname = current_database()"
            )
            return cursor.rowcount

    def cut():
        until(ended)
        connections.close_all()

    other = threading.Thread(target=cut)
    other.start()
    run(str(job.pk))
    other.join()
    waiting = queries.get(job.pk)
    assert (waiting.status, waiting.error_code) == ("pending", "source_gone")
    assert on_disk() == []


def test_a_removal_that_fails_is_tried_by_the_next_sweep(job, pat, monkeypatch):
    run(str(job.pk))
    control.delete_now(queries.get(job.pk), by=pat)

    def down(self, kept):
        raise errors.StorageDown

    with monkeypatch.context() as broken:
        broken.setattr("waybill.store.vault.LocalVault.remove", down)
        assert sweep()["removed"] == 0
    assert len(on_disk()) == 1
    assert sweep()["removed"] == 1
    assert sweep()["removed"] == 0
    assert on_disk() == []


def test_an_expired_export_can_be_run_again_as_one_of_its_own(job, pat):
    run(str(job.pk))
    old = control.delete_now(queries.get(job.pk), by=pat)
    again = run_again(old, by=pat)
    assert again.job.again_of == old
    assert run(str(again.job.pk)).status == "completed"


def test_faults_are_refused_outside_of_tests(settings):
    settings.TESTING = False
    with pytest.raises(errors.SettingsError), override_settings(WAYBILL={"fault_hook": "x.y"}):
        conf.settings()


def test_an_unknown_setting_is_refused(settings):
    settings.WAYBILL = {"lease_secnods": 1}
    with pytest.raises(errors.SettingsError, match="lease_secnods"):
        conf.settings()


def test_a_cancel_ends_a_run_that_waits_for_its_tables(job, settings):
    settings.WAYBILL = {**settings.WAYBILL, "beat_seconds": 0.05}
    reached = threading.Event()

    def alter():
        other = connections["default"]
        with transaction.atomic(), other.cursor() as cursor:
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("LOCK TABLE sample_parcel IN ACCESS EXCLUSIVE MODE")
            reached.set()
            ended.wait(20)
        other.close()

    def cancel():
        while queries.get(job.pk).status != "processing":
            time.sleep(0.02)
        control.cancel(queries.get(job.pk), by=None)
        connections.close_all()

    ended = threading.Event()
    threads = [threading.Thread(target=one) for one in (alter, cancel)]
    threads[0].start()
    assert reached.wait(10)
    threads[1].start()
    # Without the cancel the run would wait for the lock as long as `lock_seconds` says, and fail.
    run(str(job.pk))
    still_locked = not ended.is_set()
    ended.set()
    for one in threads:
        one.join()
    assert still_locked
    assert queries.get(job.pk).status == "canceled"
    assert "failed" not in [line.event for line in queries.log_of(job)]
