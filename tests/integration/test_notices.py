"""Mails about exports, through a real mail server (N1; FAULTS 89, 95, 105, 106)."""

import gc
import re
import threading
import time
from html import unescape

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from tests.factories.jobs import claimed, events, finished, requested, together
from waybill import checks, errors
from waybill.jobs import audit, control, due, outbox, queries, settle
from waybill.models import ExportJob, Notice
from waybill.shortid import to_short
from waybill.values import ExportRequest
from waybill.work import notices
from waybill.work.run import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]


@pytest.fixture
def quick(settings):
    """Wait for nothing between two tries, of which there are three."""
    numbers = {"notice_gap_seconds": 0, "notice_tries": 3, "notice_lease_seconds": 20}
    settings.WAYBILL = {**settings.WAYBILL, **numbers}


@pytest.fixture
def done(ada, quick):
    """A completed export of Ada's, its mail not sent."""
    return finished(claimed(ada))


def notice():
    return Notice.objects.get()


def bodies(mail):
    return [mail.get_body((kind,)).get_content() for kind in ("plain", "html")]


def test_a_run_ends_with_one_mail_that_says_everything(ada, postoffice, parcels, settings):
    ada.time_zone = "Asia/Kathmandu"
    ada.save()
    job = requested(ada)
    run(str(job.pk))

    (mail,) = postoffice.mails
    job = queries.get(job.pk)
    assert re.fullmatch(r"Your CSV export is ready \(4,000 rows, [\d.]+ [KM]B\)", mail["Subject"])
    assert mail["To"] == "ada@desk.example"
    assert mail["Message-ID"] == f"<{notice().message_id}@testserver>"
    for body in bodies(mail):
        for word in ("Ada", "Rows in all", "Successful", "Size", "Duration", "Asia/Kathmandu"):
            assert word in body
        assert f"http://testserver{reverse('waybill:status', args=[to_short(job.pk)])}" in body
        assert f"http://testserver{reverse('waybill:history')}" in body
        assert "download" not in "".join(re.findall(r"http\S+", body))
    assert job.email_sent_at is not None
    assert events(job)[-1] == "notified"
    assert list(audit.verify()) == []


def test_the_subject_names_format_rows_and_size(ada, postoffice, quick):
    job = finished(claimed(ada))
    ExportJob.objects.filter(pk=job.pk).update(exported_items=5000, format="excel")
    job.file.bytes = 2_621_440
    job.file.save()
    assert notices.deliver_due() == 1
    (mail,) = postoffice.mails
    assert mail["Subject"] == "Your Excel export is ready (5,000 rows, 2.5 MB)"


def test_a_failed_export_says_why_and_leads_to_retry(ada, postoffice, quick):
    held = claimed(ada)
    settle.fail(held.job_id, errors.StorageFull())
    assert notices.deliver_due() == 1
    (mail,) = postoffice.mails
    assert mail["Subject"] == "Your CSV export failed"
    for body in bodies(mail):
        assert str(errors.StorageFull.public) in body
        assert reverse("waybill:status", args=[to_short(held.job_id)]) in body


def test_a_file_nobody_fetched_is_told_of_once_before_it_expires(done, postoffice, settings):
    notices.deliver_due()
    now = done.completed_at
    ExportJob.objects.update(
        requested_at=now.replace(year=2020), expires_at=now.replace(year=now.year + 5)
    )
    settings.WAYBILL = {**settings.WAYBILL, "expiry_warning_seconds": 6 * 365 * 86_400}
    ExportJob.objects.update(requested_at=now.replace(year=2010))
    assert (due.warn_expiring(), due.warn_expiring()) == (1, 0)
    assert notices.deliver_due() == 1
    assert "not fetched yet" in postoffice.mails[1]["Subject"]
    assert len(set(postoffice.identities)) == 2


def test_who_asked_for_silence_gets_none(ada, postoffice, quick):
    finished(claimed(ada, email_notification=False))
    assert not Notice.objects.exists()


@pytest.mark.parametrize("kind", ["completed", "failed", "expiring"])
def test_a_person_chooses_which_mails_they_get(kind, ada, postoffice, quick):
    client = Client()
    client.force_login(ada)
    kept = {"display_name": "Ada", "email": ada.email, "time_zone": "UTC"}
    kinds = {f"mail_{one}": "on" for one in ("completed", "failed", "expiring") if one != kind}
    assert client.post(reverse("people:profile"), kept | kinds).status_code == 302
    job = finished(claimed(ada))
    Notice.objects.update(kind=kind)
    if kind == "failed":
        ExportJob.objects.filter(pk=job.pk).update(status="failed", error_code="x")
    assert notices.deliver_due() == 0
    assert notice().outcome == "unwanted"
    assert postoffice.mails == []


def test_a_mail_of_a_withdrawn_or_retried_export_is_not_sent(done, ada, postoffice):
    """FAULTS 106: suppressed where it would no longer be true."""
    control.delete_now(done, by=ada)
    held = claimed(ada)
    settle.fail(held.job_id, errors.StorageFull())
    control.retry(queries.get(held.job_id), by=ada)
    assert notices.deliver_due() == 0
    assert [one.outcome for one in Notice.objects.all()] == ["outdated", "outdated"]
    canceled = requested(ada)
    control.cancel(canceled, by=ada)
    assert not Notice.objects.filter(job=canceled).exists()


def test_the_identity_comes_from_the_job_and_its_event(ada, quick):
    held = claimed(ada)
    settle.fail(held.job_id, errors.StorageFull())
    first = notice().message_id
    control.retry(queries.get(held.job_id), by=ada)
    settle.fail(held.job_id, errors.StorageFull())
    again = Notice.objects.exclude(message_id=first).get()
    assert again.job_id == held.job_id


@pytest.mark.parametrize(
    ("answer", "state"),
    [("451 later", ""), ("452 full", ""), ("550 nobody", "refused"), ("554 no", "refused")],
)
@pytest.mark.parametrize("stage", ["rcpt", "data"])
def test_a_server_that_refuses_is_tried_again_or_not(answer, state, stage, done, postoffice):
    """FAULTS 105: 4yz is tried again, 5yz is not; the export is completed all the while."""
    setattr(postoffice, stage, answer)
    assert notices.deliver_due() == 0
    assert notice().outcome == state
    assert answer[:3] in notice().last_error
    assert "nobody" not in notice().last_error
    setattr(postoffice, stage, "")
    assert notices.deliver_due() == (0 if state else 1)
    assert queries.get(done.pk).status == "completed"


def test_a_server_that_is_down_holds_the_rest_back_and_is_given_up_in_the_end(
    ada, postoffice, quick, settings
):
    settings.MAILERS = {"default": postoffice.mailer(port=1)}
    finished(claimed(ada))
    finished(claimed(ada))
    for _ in range(6):
        notices.deliver_due()
    assert {one.tries for one in Notice.objects.all()} == {3}
    assert {one.outcome for one in Notice.objects.all()} == {"given_up"}
    settings.MAILERS = {"default": postoffice.mailer()}
    assert all(outbox.try_again(one.pk) for one in Notice.objects.all())
    assert notices.deliver_due() == 2


def test_the_pause_between_two_tries_doubles(done, postoffice, settings):
    settings.WAYBILL = {**settings.WAYBILL, "notice_gap_seconds": 60}
    postoffice.rcpt = "451 later"
    gaps = []
    for _ in range(2):
        Notice.objects.update(due_at=done.completed_at)
        before = notice().due_at
        notices.deliver_due()
        gaps.append((notice().due_at - before).total_seconds())
        assert outbox.waiting() == []
    assert 60 <= gaps[0] < 120 <= gaps[1]


@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.parametrize("options", [{"use_tls": True}, {"use_ssl": True}])
def test_a_server_that_cannot_do_tls_gets_nothing(options, done, postoffice, settings):
    settings.MAILERS = {"default": postoffice.mailer(timeout=2, **options)}
    assert notices.deliver_due() == 0
    assert (notice().outcome, postoffice.mails) == ("", [])
    assert notice().last_error
    gc.collect()  # smtplib leaves its socket to the collector where the handshake fails


def test_a_timeout_after_the_mail_was_taken_sends_at_most_one_more(done, postoffice, settings):
    """G20: the server took it and its answer was lost; the second is recognisable as the same."""
    settings.MAILERS = {"default": postoffice.mailer(timeout=2)}
    postoffice.slow = 3
    assert notices.deliver_due() == 0
    settings.MAILERS = {"default": postoffice.mailer()}
    postoffice.slow = 0
    assert notices.deliver_due() == 1
    assert len(postoffice.identities) == 2
    assert len(set(postoffice.identities)) == 1


def test_a_slow_server_holds_up_neither_the_export_nor_its_worker(
    ada, postoffice, parcels, monkeypatch
):
    monkeypatch.setattr(notices, "WORKER_WAITS", 0.05)
    postoffice.slow = 2
    job = requested(ada)
    run(str(job.pk))
    assert queries.get(job.pk).status == "completed"
    assert notice().sent_at is None
    for thread in threading.enumerate():
        if thread.name == "waybill-post":
            thread.join(30)
    assert notice().outcome == "sent"


def test_a_server_in_trouble_is_left_to_the_sweep(ada, postoffice, parcels):
    postoffice.rcpt = "451 later"
    run(str(requested(ada).pk))
    run(str(requested(ada).pk))
    assert postoffice.calls == 1


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b\nBcc: c@d.example", "a@b.example,c@d.example", "a@" + "b" * 300]
)
def test_an_address_that_is_none_is_told_and_fails_nothing(address, done, ada, postoffice):
    """FAULTS 89, 105."""
    type(ada).objects.filter(pk=ada.pk).update(email=address[:254])
    assert notices.deliver_due() == 0
    assert notice().outcome == "no_address"
    assert postoffice.mails == []


def test_what_people_typed_makes_no_header_and_no_markup(done, ada, postoffice):
    """FAULTS 89, 90: a view's and a person's name in a mail."""
    hostile = 'x\r\nBcc: eve@desk.example\r\n\r\n<script>alert("1")</script>'
    ExportJob.objects.update(view_name=hostile)
    type(ada).objects.filter(pk=ada.pk).update(display_name=hostile)
    assert notices.deliver_due() == 1
    (mail,) = postoffice.mails
    assert mail["Bcc"] is None
    assert mail["To"] == "ada@desk.example"
    text, html = bodies(mail)
    assert "<script>" not in html
    assert '<script>alert("1")</script>' in text


def test_links_begin_with_the_configured_address_alone(done, ada, postoffice, settings):
    """FAULTS 95: no Host header reaches a mail, and without an address there is no link."""
    client = Client(headers={"host": "evil.example"})
    client.get("/staff/exports/")
    settings.WAYBILL = {**settings.WAYBILL, "base_url": ""}
    assert notices.deliver_due() == 1
    assert all("http" not in body for body in bodies(postoffice.mails[0]))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("", ["waybill.W002"]),
        ("https://desk.example", []),
        ("desk.example", ["waybill.E006"]),
        ("https://desk.example/?x=1", ["waybill.E006"]),
    ],
)
def test_a_missing_or_odd_address_of_the_site_is_told_at_start_up(address, said, settings):
    settings.WAYBILL = {**settings.WAYBILL, "base_url": address}
    assert [one.id for one in checks.check_base_url(None)] == said


def test_of_senders_at_once_one_sends(done, postoffice):
    together([notices.deliver_due] * 6)
    assert len(postoffice.mails) == 1
    assert [event for event in events(done) if event == "notified"] == ["notified"]


def test_a_sender_that_was_too_slow_notes_nothing(done, postoffice):
    slow = outbox.claim(notice().pk)
    Notice.objects.update(lease_until=done.completed_at)
    assert notices.deliver_due() == 1
    assert not outbox.sent(slow)
    assert not outbox.put_off(slow, "x")
    assert notice().tries == 2


def test_a_template_that_raises_ends_no_sweep(done, postoffice, monkeypatch):
    monkeypatch.setattr("waybill.tell.mail.render_to_string", lambda *_: 1 / 0)
    assert notices.deliver_due() == 0
    assert (notice().last_error, notice().outcome) == ("ZeroDivisionError", "")


def raising(person, kind):
    raise RuntimeError("a host's mistake")


def test_a_choice_of_the_host_that_raises_holds_up_no_other_mail(done, ada, postoffice, settings):
    settings.WAYBILL = {**settings.WAYBILL, "wants_notice": f"{__name__}.raising"}
    for _ in range(3):
        notices.deliver_due()
    assert (notice().outcome, notice().last_error) == ("given_up", "RuntimeError")
    settings.WAYBILL = {**settings.WAYBILL, "wants_notice": ""}
    finished(claimed(ada))
    assert notices.deliver_due() == 1


def test_a_mail_whose_senders_always_die_is_given_up(done, postoffice):
    Notice.objects.update(tries=3)
    assert notices.deliver_due() == 0
    assert notice().outcome == "given_up"
    assert postoffice.mails == []


def test_the_mail_is_in_the_language_of_the_person(done, ada, postoffice, settings):
    settings.LANGUAGES = [("en", "English"), ("de", "German")]
    settings.WAYBILL = {**settings.WAYBILL, "language_field": "username"}
    type(ada).objects.filter(pk=ada.pk).update(username="de")
    assert notices.deliver_due() == 1
    assert 'lang="de"' in bodies(postoffice.mails[0])[1]
    assert "5,0" not in postoffice.mails[0]["Subject"]


def test_the_command_sends_what_waits(done, postoffice, capsys):
    call_command("sweep_exports", "--once")
    assert "told 1" in capsys.readouterr().out
    assert len(postoffice.mails) == 1


def test_sending_takes_no_longer_than_the_server(done, postoffice):
    """A worker that finds nothing to send asks once and goes on."""
    notices.deliver_due()
    began = time.monotonic()
    notices.tell(done.pk)
    assert time.monotonic() - began < 30
    assert len(postoffice.mails) == 1


def test_whoever_may_not_fetch_the_file_is_told_who_can(ben, postoffice, quick, settings):
    job = finished(claimed(ben, request=ExportRequest(resource="tickets")))
    notices.deliver_due()
    settings.WAYBILL = {**settings.WAYBILL, "expiry_warning_seconds": 3 * 86_400}
    ExportJob.objects.update(requested_at=job.requested_at.replace(year=2020))
    due.warn_expiring()
    notices.deliver_due()

    ready, expiring = postoffice.mails
    for mail in (ready, expiring):
        for body in bodies(mail):
            said = " ".join(body.split())
            assert "an administrator who holds the same right can download it" in said
            assert "download the file" not in body
    assert queries.may_download(job, by=ben) is False


def test_a_reason_is_said_in_the_language_of_the_person(ada, postoffice, quick, monkeypatch):
    job = claimed(ada)
    settle.fail(job.job_id, errors.StorageFull())
    ExportJob.objects.filter(pk=job.job_id).update(error_message="Der Speicher ist voll.")
    notices.deliver_due()

    (mail,) = postoffice.mails
    for body in bodies(mail):
        assert "Der Speicher" not in body
        assert str(errors.StorageFull.public) in unescape(body)
