"""Giving out kept files and direct exports (G7, G19)."""

import hashlib
from base64 import b64encode
from dataclasses import replace

import pytest
from django.contrib.auth import get_user_model

from tests.factories.jobs import requested
from tests.sample.models import Parcel
from waybill import conf, errors, exports, registry
from waybill.declare.columns import Column
from waybill.declare.policy import Policy
from waybill.jobs import audit, control, database, queries
from waybill.jobs.request import Wish
from waybill.models import ExportJob
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
        Parcel(code=f"P-{number}", text="wide load " * 100) for number in range(1_000)
    )
    return get_user_model().objects.create_user("pat", display_name="Pat")


@pytest.fixture
def done(pat):
    job = requested(pat)
    run(str(job.pk))
    return queries.get(job.pk)


@pytest.fixture
def stored(done):
    return conf.settings().files / done.file.key


def body(answer):
    return b"".join(answer.chunks)


def events(job):
    return [line.event for line in queries.log_of(job)]


def test_a_download_gives_the_exact_bytes_and_says_what_they_are(done, pat, stored):
    answer = download(done, by=pat, asked=Asked(address="10.1.2.3"))
    data = body(answer)
    assert data == stored.read_bytes()
    assert answer.status == 200
    assert answer.headers["Content-Length"] == str(len(data))
    assert answer.headers["ETag"] == f'"{hashlib.sha256(data).hexdigest()}"'
    assert b64encode(hashlib.sha256(data).digest()).decode() in answer.headers["Digest"]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="parcels_')
    assert events(done)[-2:] == ["download_started", "downloaded"]
    last = queries.log_of(done).last()
    assert (last.address, last.details) == ("10.1.2.3", {"bytes": len(data)})
    assert queries.get(done.pk).downloads == 1
    assert list(audit.verify()) == []


@pytest.mark.parametrize(
    ("asked", "span"),
    [
        ("bytes=0-99", slice(0, 100)),
        ("bytes=100-", slice(100, None)),
        ("bytes=-50", slice(-50, None)),
        ("bytes=10-99999999", slice(10, None)),
        ("bytes=0-", slice(None)),
        ("bytes=-99999999", slice(None)),
        ("Bytes=0-99", slice(0, 100)),
    ],
)
def test_a_range_gives_that_part(asked, span, done, pat, stored):
    answer = download(done, by=pat, asked=Asked(range=asked))
    data = stored.read_bytes()
    assert answer.status == 206
    assert body(answer) == data[span]
    start, stop, _ = span.indices(len(data))
    assert answer.headers["Content-Range"] == f"bytes {start}-{stop - 1}/{len(data)}"


@pytest.mark.parametrize("asked", ["bytes=1-2,4-5", "rows=1-2", "bytes=-", "bytes=x"])
def test_a_range_that_is_not_one_range_of_bytes_gives_the_whole(asked, done, pat, stored):
    answer = download(done, by=pat, asked=Asked(range=asked))
    assert (answer.status, body(answer)) == (200, stored.read_bytes())


def test_a_range_beyond_the_end_is_not_met(done, pat):
    answer = download(done, by=pat, asked=Asked(range="bytes=999999999-"))
    assert answer.status == 416
    assert answer.headers["Content-Range"] == f"bytes */{done.file.bytes}"


def test_a_range_of_another_version_gives_the_whole(done, pat):
    fitting, other = f'"{done.file.sha256}"', '"other"'
    part = Asked(range="bytes=0-9", if_range=fitting)
    assert download(done, by=pat, asked=part).status == 206
    assert download(done, by=pat, asked=replace(part, if_range=other)).status == 200


@pytest.mark.parametrize("known", ['"{}"', 'W/"{}"', '"old", "{}"', 'W/"old",W/"{}"', "*"])
def test_a_file_that_is_known_already_is_not_sent_again(known, done, pat):
    asked = Asked(if_none_match=known.format(done.file.sha256))
    answer = download(done, by=pat, asked=asked)
    assert (answer.status, body(answer)) == (304, b"")


@pytest.mark.parametrize("known", ["", '"old"', "{}", '"old", W/"{}x"', '"{}'])
def test_a_file_that_is_not_known_is_sent(known, done, pat, stored):
    asked = Asked(if_none_match=known.format(done.file.sha256))
    answer = download(done, by=pat, asked=asked)
    assert (answer.status, body(answer)) == (200, stored.read_bytes())


def test_a_damaged_file_gives_no_byte(done, pat, stored):
    data = bytearray(stored.read_bytes())
    data[len(data) // 2] ^= 1
    stored.write_bytes(data)
    with pytest.raises(errors.FileDamaged):
        download(done, by=pat, asked=Asked())
    with pytest.raises(errors.FileDamaged):
        download(done, by=pat, asked=Asked(range="bytes=0-9"))
    assert events(done)[-2:] == ["integrity_error"] * 2


def test_a_shortened_and_a_missing_file_are_told(done, pat, stored):
    stored.write_bytes(stored.read_bytes()[:-1])
    with pytest.raises(errors.FileDamaged):
        download(done, by=pat, asked=Asked())
    stored.unlink()
    with pytest.raises(errors.FileGone):
        download(done, by=pat, asked=Asked())
    assert events(done)[-1] == "integrity_error"


def test_a_link_in_place_of_the_file_is_not_followed(done, pat, stored, tmp_path):
    other = tmp_path / "other"
    stored.rename(other)
    stored.symlink_to(other)
    with pytest.raises(errors.FileGone):
        download(done, by=pat, asked=Asked())


def test_an_expired_file_is_gone_at_the_door_though_no_sweep_ran(done, pat, stored):
    ExportJob.objects.filter(pk=done.pk).update(expires_at=database.clock())
    with pytest.raises(errors.FileGone) as refusal:
        download(queries.get(done.pk), by=pat, asked=Asked())
    assert refusal.value.code == "gone"
    assert stored.exists()


def test_a_download_that_runs_is_not_cut_by_its_expiry(done, pat, stored):
    data = stored.read_bytes()
    chunks = download(done, by=pat, asked=Asked()).chunks
    first = next(chunks)
    ExportJob.objects.filter(pk=done.pk).update(expires_at=database.clock())
    assert sweep()["removed"] == 1
    assert not stored.exists()
    assert first + b"".join(chunks) == data


def test_deleting_now_takes_the_file_away_and_leaves_the_history(done, pat, stored):
    control.delete_now(done, by=pat)
    with pytest.raises(errors.FileGone):
        download(queries.get(done.pk), by=pat, asked=Asked())
    sweep()
    assert not stored.exists()
    assert not stored.parent.exists()
    assert queries.get(done.pk).status == "expired"
    assert "deleted" in events(done)


def test_a_job_that_has_not_ended_has_no_file_to_give(pat):
    with pytest.raises(errors.WrongMoment):
        download(requested(pat), by=pat, asked=Asked())


def test_somebody_else_gets_no_file_and_no_word_that_there_is_one(done):
    other = get_user_model().objects.create_user("eve", display_name="Eve")
    with pytest.raises(errors.DownloadRefused):
        download(done, by=other, asked=Asked())
    assert events(done)[-1] == "refused"
    with pytest.raises(errors.JobUnknown):
        queries.find(str(done.pk), by=other)


def test_who_may_not_see_a_column_does_not_get_its_file(done, pat, monkeypatch):
    export = registry.get("parcels")
    veiled = [
        replace(one, requires="sample.see_code") if one.name == "code" else one
        for one in export.columns
    ]
    monkeypatch.setattr(type(export), "columns", veiled)
    assert any(isinstance(one, Column) and one.requires for one in veiled)
    with pytest.raises(errors.DownloadRefused):
        download(done, by=pat, asked=Asked())


def test_who_was_made_inactive_gets_no_file(done, pat):
    pat.is_active = False
    with pytest.raises(errors.DownloadRefused):
        download(done, by=pat, asked=Asked())


def test_a_direct_export_gives_its_file_and_is_a_job_without_one(pat):
    direct = exports.stream("parcels", by=pat, columns=["id", "code"])
    assert direct.job.delivery == "direct"
    data = b"".join(direct)
    assert (len(data), hashlib.sha256(data).hexdigest()) == (direct.size, direct.sha256)
    job = queries.get(direct.job.pk)
    assert (job.status, job.exported_items, job.file.key) == ("completed", 1_000, None)
    assert events(job)[-4:] == ["download_started", "progress", "completed", "downloaded"]
    with pytest.raises(errors.NotKept):
        download(job, by=pat, asked=Asked())
    assert not any(conf.settings().spool.iterdir())


def test_a_direct_export_is_claimed_as_it_is_made(pat):
    """No other process ever sees it waiting."""
    direct = exports.stream("parcels", by=pat)
    assert events(queries.get(direct.job.pk)) == ["initiated", "processing"]
    direct.close()


@pytest.mark.parametrize("fmt", ["csv", "excel", "json"])
def test_a_small_file_begins_before_its_last_lines_are_written(fmt, pat):
    direct = exports.stream("parcels", by=pat, format=fmt, columns=["id"])
    pieces = iter(direct)
    first = next(pieces)
    assert 0 < len(first) < direct.size
    assert events(queries.get(direct.job.pk))[-1] == "download_started"
    assert len(first + b"".join(pieces)) == direct.size
    assert events(queries.get(direct.job.pk))[-1] == "downloaded"


@pytest.mark.parametrize("taken", [0, 1])
def test_a_stream_that_is_given_up_fails_and_leaves_nothing(taken, pat):
    direct = exports.stream("parcels", by=pat)
    pieces = iter(direct)
    for _ in range(taken):
        next(pieces)
    direct.close()
    job = queries.get(direct.job.pk)
    assert (job.status, job.error_code) == ("failed", "stream_lost")
    assert not any(conf.settings().spool.iterdir())


def test_a_direct_export_asked_for_twice_under_its_key_names_the_first(pat):
    wish = Wish(key="k")
    first = exports.stream("parcels", by=pat, wish=wish)
    assert b"".join(first)
    with pytest.raises(errors.AlreadyMade) as refusal:
        exports.stream("parcels", by=pat, wish=wish)
    assert refusal.value.value == str(first.job.pk)


def test_a_policy_decides_who_downloads(done, pat, monkeypatch):
    class Nobody(Policy):
        def can_see(self, user, job):
            return True

        def can_download(self, user, job):
            return False

    monkeypatch.setattr(type(registry.get("parcels")), "policy", Nobody())
    assert queries.find(str(done.pk), by=pat) == done
    with pytest.raises(errors.DownloadRefused):
        download(done, by=pat, asked=Asked())
