"""Kept files in a folder: full disks, quotas, links, orphans (FAULTS 39, 45 to 50, 109)."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.contrib.auth import get_user_model
from django.core.files.storage import FileSystemStorage

from tests.factories.jobs import WRITTEN, claimed, requested, together
from tests.sample.models import Parcel
from waybill import conf, errors, exports
from waybill.jobs import database, files, queries, settle
from waybill.models import ExportFile, ExportJob, SweepTurn
from waybill.store.names import check_key, is_ours
from waybill.store.vault import vault
from waybill.values import Kept
from waybill.work.download import Asked, download
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
def done(pat):
    job = requested(pat)
    assert run(str(job.pk)).status == "completed"
    return queries.get(job.pk)


def on_disk(folder=None):
    places = [folder] if folder else [conf.settings().spool, conf.settings().files]
    return [path for place in places for path in place.rglob("*") if path.is_file()]


def few(person):
    """Request an export that fits a small disk."""
    Parcel.objects.filter(pk__gt=Parcel.objects.earliest("pk").pk + 100).delete()
    return requested(person)


def test_a_file_is_on_the_disk_before_it_is_told_to_be_kept(pat, monkeypatch):
    """After a power cut the row would name a file that is empty or short."""
    synced = []
    sync, complete = os.fsync, settle.complete

    def noted(descriptor):
        synced.append(os.fstat(descriptor).st_ino)
        sync(descriptor)

    def told(*given, **more):
        synced.append("told")
        return complete(*given, **more)

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(settle, "complete", told)
    job = requested(pat)
    run(str(job.pk))
    file = conf.settings().files / queries.get(job.pk).file.key
    ours = {file.stat().st_ino, file.parent.stat().st_ino, "told"}
    in_order = [file.stat().st_ino, file.parent.stat().st_ino, "told"]
    assert [one for one in synced if one in ours] == in_order


def test_a_direct_export_waits_for_no_disk(pat, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda descriptor: pytest.fail("it is not kept"))
    assert len(b"".join(exports.stream("parcels", by=None))) > 2_000


def test_a_download_that_is_broken_off_before_its_first_byte_leaves_no_file_open(done, pat):
    open_before = len([*Path("/proc/self/fd").iterdir()])
    for _ in range(3):
        download(done, by=pat, asked=Asked()).chunks.close()
    assert len([*Path("/proc/self/fd").iterdir()]) == open_before


def test_a_full_disk_ends_the_export_and_the_next_that_fits_is_made(small_disk, pat):
    """FAULTS 39: 2 MB of rows on a disk of 1 MB."""
    job = requested(pat)
    assert run(str(job.pk)).error == "storage_full"
    assert queries.get(job.pk).status == "failed"
    assert on_disk(small_disk) == []
    assert run(str(few(pat).pk)).status == "completed"


def test_a_disk_without_room_for_another_file_ends_the_export(small_disk, pat):
    """FAULTS 39: no inodes left."""
    full = 0
    try:
        for full in range(100):
            (small_disk / f"other-{full}").touch()
    except OSError:
        pass
    assert 0 < full < 99
    assert run(str(requested(pat).pk)).error == "storage_full"
    for path in small_disk.glob("other-*"):
        path.unlink()
    assert run(str(few(pat).pk)).status == "completed"


def test_two_files_that_fit_only_one_by_one_are_not_both_taken(pat, settings):
    """FAULTS 39: the quota holds for attempts that end together."""
    settings.WAYBILL = {**settings.WAYBILL, "quota_bytes": 150}

    def announce(held):
        key = f"exports/{held.job_id}/{uuid4().hex}-a.csv"
        kept = Kept(alias="", key=key, bytes=100, sha256="")
        said = {"name": "a.csv", "content_type": "text/csv", "receipt": {}}
        return files.announce(held, kept=kept, written=replace(WRITTEN, bytes=100), **said)

    helds = [claimed(pat) for _ in range(4)]
    found = together([lambda held=held: announce(held) for held in helds])
    refused = [one for one in found if isinstance(one, errors.StorageFull)]
    assert len(refused) == 3
    assert ExportFile.objects.count() == 1


def test_files_and_folders_are_the_accounts_own(done):
    """FAULTS 48."""
    file = conf.settings().files / done.file.key
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    assert oct(file.parent.stat().st_mode & 0o777) == "0o700"


PLACE = "exports/1e8bbe65-6e4e-4884-b9a4-1d4699fb3bc1/2cc8a237378b4d88843ee08c891ae232"


@pytest.mark.parametrize(
    "key",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "exports/../x/0-a.csv",
        f"{PLACE}-a\0.csv",
        f"{PLACE}-a\\b.csv",
        f"{PLACE}-{'é' * 9}.csv",
        f"{PLACE}-con.",
        f"{PLACE}-a.csv.gz.exe",
        f"{PLACE}-a.csv\n",
        "a" * 1_000,
    ],
)
def test_a_key_of_another_form_reaches_no_storage(key, tmp_path):
    """FAULTS 46."""
    with pytest.raises(errors.StorageDown):
        check_key(key)
    with pytest.raises(errors.WaybillError):
        vault("").read(Kept(alias="", key=key, bytes=1, sha256=""), 0, 1)


class Wandering(FileSystemStorage):
    """A storage that would write to another place than it is told (CVE-2024-39330)."""

    def generate_filename(self, filename):
        return "../../" + filename

    def get_available_name(self, name, max_length=None):
        return "/" + name


def test_a_storage_that_makes_names_of_its_own_is_not_asked_for_any(pat, settings, tmp_path):
    """FAULTS 47."""
    kept = {"BACKEND": f"{__name__}.Wandering", "OPTIONS": {"location": str(tmp_path / "kept")}}
    settings.STORAGES = {**settings.STORAGES, "kept": kept}
    settings.WAYBILL = {**settings.WAYBILL, "storage": "kept"}
    job = requested(pat)
    run(str(job.pk))
    (file,) = on_disk(tmp_path / "kept")
    assert file == tmp_path / "kept" / queries.get(job.pk).file.key


def test_a_folder_replaced_by_a_link_is_neither_read_nor_written_nor_emptied(done, pat, tmp_path):
    """FAULTS 49."""
    folder = (conf.settings().files / done.file.key).parent
    elsewhere = tmp_path / "elsewhere"
    folder.rename(elsewhere)
    folder.symlink_to(elsewhere)
    with pytest.raises(errors.FileGone):
        download(done, by=pat, asked=Asked())
    kept = Kept(alias="", key=done.file.key, bytes=done.file.bytes, sha256=done.file.sha256)
    with pytest.raises(errors.StorageDown):
        vault("").remove(kept)
    path = tmp_path / "new"
    path.write_bytes(b"x")
    with pytest.raises(errors.StorageDown):
        vault("").keep(path, kept)
    assert [file.name for file in elsewhere.iterdir()] == [Path(done.file.key).name]


def test_a_link_planted_under_the_name_of_a_file_is_not_written_through(pat, tmp_path):
    """FAULTS 49: no file is ever replaced."""
    held = claimed(pat)
    key = f"exports/{held.job_id}/{uuid4().hex}-a.csv"
    target = conf.settings().files / key
    target.parent.mkdir(parents=True)
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    target.symlink_to(victim)
    path = tmp_path / "new"
    path.write_bytes(b"x")
    with pytest.raises(errors.StorageDown):
        vault("").keep(path, Kept(alias="", key=key, bytes=1, sha256=""))
    assert victim.read_bytes() == b"precious"


def old(path):
    """Let a file be two days old."""
    os.utime(path, (path.stat().st_atime, path.stat().st_mtime - 200_000))


def listed_again():
    """Let the storage be searched at the next sweep."""
    SweepTurn.objects.update(next_at=database.clock() - timedelta(seconds=1))


def restored_before(job):
    """Bring the database back to before an export was made."""
    ExportJob.objects.filter(pk=job.pk).update(status="failed", error_code="x", file=None)
    ExportFile.objects.filter(job=job).delete()


def test_a_file_whose_row_a_restored_backup_does_not_have_is_removed_after_a_day(done):
    """FAULTS 109: an orphan."""
    file = conf.settings().files / done.file.key
    restored_before(done)
    sweep()
    assert file.exists()
    old(file)
    sweep()
    assert file.exists(), "searched once in a while only"
    listed_again()
    assert sweep()["orphans"] == 1
    assert not file.exists()


def test_a_file_whose_row_is_there_is_no_orphan(done):
    old(conf.settings().files / done.file.key)
    assert sweep()["orphans"] == 0
    assert (conf.settings().files / done.file.key).exists()


def test_a_file_that_a_restored_storage_does_not_have_is_told(done, pat):
    """FAULTS 109: missing."""
    (conf.settings().files / done.file.key).unlink()
    with pytest.raises(errors.FileGone):
        download(done, by=pat, asked=Asked())
    assert queries.log_of(done).last().event == "integrity_error"


def test_files_of_another_installation_in_the_same_folder_stay(done, settings):
    """FAULTS 50: each removes only what it made itself."""
    file = conf.settings().files / done.file.key
    assert is_ours(done.file.key)
    restored_before(done)
    old(file)
    settings.WAYBILL = {**settings.WAYBILL, "audit_key": "another installation"}
    assert not is_ours(done.file.key)
    assert sweep()["orphans"] == 0
    assert file.exists()


def test_sweeps_at_once_remove_each_file_once_and_search_the_storage_once(pat):
    """FAULTS 45, 102, 104."""
    Parcel.objects.filter(pk__gt=Parcel.objects.earliest("pk").pk + 10).delete()
    jobs = [requested(pat) for _ in range(6)]
    for job in jobs:
        run(str(job.pk))
    ExportJob.objects.update(expires_at=database.clock())
    found = together([sweep] * 3)
    assert sum(done["expired"] for done in found) == 6
    assert on_disk() == []
    assert set(ExportJob.objects.values_list("status", flat=True)) == {"expired"}
    expiries = [line.event for job in jobs for line in queries.log_of(job)].count("expired")
    assert expiries == 6
    assert SweepTurn.objects.filter(step="orphans").count() == 1


def test_a_sweep_leaves_what_an_attempt_is_storing(pat, tmp_path):
    """FAULTS 45: announced, not yet published, its lease alive."""
    held = claimed(pat)
    key = f"exports/{held.job_id}/{uuid4().hex}-a.csv"
    kept = Kept(alias="", key=key, bytes=1, sha256="")
    said = {"name": "a.csv", "content_type": "text/csv", "receipt": {}}
    files.announce(held, kept=kept, written=WRITTEN, **said)
    path = tmp_path / "x"
    path.write_bytes(b"x")
    vault("").keep(path, kept)
    assert sweep()["removed"] == 0
    assert len(on_disk()) == 1
