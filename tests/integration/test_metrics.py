"""What a monitoring system scrapes, as its own parser reads it (O3)."""

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from tests.factories.jobs import claimed, finished, overdue, requested, together
from waybill import errors
from waybill.jobs import control, database, lease, limits, presence, queries, settle, totals
from waybill.jobs.log import Line, append_site
from waybill.models import AuditHead, ExportLog, LogTotals, Notice, Worker
from waybill.work import notices
from waybill.work.sweep import sweep

REFERENCE = Path(__file__).parents[2] / "docs" / "reference" / "metrics.md"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]


def scraped(**headers):
    answer = Client().get("/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return list(text_string_to_metric_families(answer.content.decode()))


def values(families):
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


@pytest.fixture
def busy(ada, settings):
    """One export in every state, a lost worker, a refusal, a mail that went out, a worker."""
    settings.WAYBILL = {**settings.WAYBILL, "starts_per_minute": 1}
    finished(claimed(ada))
    settle.fail(claimed(ada).job_id, errors.StorageFull())
    control.cancel(requested(ada), by=ada)
    held = claimed(ada)
    overdue(held.job_id)
    lease.rescue(held.job_id)
    lease.claim(held.job_id, worker="w1")
    requested(ada)
    with database.atomic():
        limits.accept(str(ada.pk))
    with pytest.raises(errors.RateLimited):
        control.retry(queries.visible(ada).get(status="failed"), by=ada)
    notices.deliver_due()
    requested(ada)
    finished(claimed(ada))
    presence.beat("w1")
    presence.beat("w2")


def test_the_numbers_are_those_of_the_tables(busy):
    seen = values(scraped())

    assert seen["waybill_exports", ("format", "csv"), ("status", "completed")] == 2
    assert seen["waybill_exports_ended_total", ("format", "csv"), ("result", "completed")] == 2
    assert seen["waybill_exports_ended_total", ("format", "csv"), ("result", "canceled")] == 1
    assert seen["waybill_exported_rows_total", ("format", "csv")] == 14
    assert seen["waybill_exported_bytes_total", ("format", "csv")] == 140
    assert seen["waybill_export_seconds_count", ("format", "csv")] == 2
    assert seen["waybill_export_seconds_bucket", ("format", "csv"), ("le", "0.1")] == 2
    assert seen["waybill_export_seconds_sum", ("format", "csv")] == 0.01
    assert seen["waybill_failures_total", ("code", "storage_full")] == 1
    assert seen["waybill_refused_total", ("code", "rate_limited")] == 1
    assert seen["waybill_leases_lost_total",] == 1
    assert seen["waybill_queue_length",] == 2
    assert seen["waybill_queue_oldest_seconds",] >= 0
    assert (seen["waybill_workers",], seen["waybill_workers_busy",]) == (2, 1)
    assert (seen["waybill_stored_files",], seen["waybill_stored_bytes",]) == (2, 140)
    assert seen["waybill_notices", ("kind", "completed"), ("outcome", "sent")] == 1
    assert seen["waybill_notices_waiting", ("kind", "completed")] == 1
    assert seen["waybill_events_total", ("event", "lost"), ("resource", "parcels")] == 1


def test_two_processes_and_a_restart_count_the_same(busy, ada):
    before = values(scraped())
    totals._known = totals.Totals()
    after = values(scraped())
    for one in (before, after):
        one.pop(("waybill_queue_oldest_seconds",))
    assert before == after
    finished(claimed(ada))
    assert (
        values(scraped())["waybill_exported_rows_total", ("format", "csv")]
        == after["waybill_exported_rows_total", ("format", "csv")] + 7
    )


def test_every_metric_stands_in_the_reference_with_its_kind_and_labels_and_no_other(busy):
    rows = re.findall(r"^\| `(\w+)` \| (\w+) \| (.*?) \|", REFERENCE.read_text(), re.MULTILINE)
    told = {name: (kind, set(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}
    found = {}
    for family in scraped():
        labels = {name for one in family.samples for name in one.labels} - {"le"}
        # The parser names a counter's family without the ending of its samples.
        ending = "_total" if family.type == "counter" else ""
        found[family.name + ending] = (family.type, labels)
        assert family.documentation
    assert told == found


def test_a_log_that_was_set_back_is_counted_anew(busy):
    scraped()
    totals._known.mac = "of another log"
    totals._known.rows["csv"] = 1_000_000
    assert values(scraped())["waybill_exported_rows_total", ("format", "csv")] == 14


LONG = 100_000
EVENTS = ("waybill_events_total", ("event", "refused"), ("resource", "parcels"))


@pytest.fixture
def long_log(transactional_db):
    """Write a hundred thousand lines in the database itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO waybill_exportlog (site_seq, event, resource, message, actor_key, actor,"
            " address, details, created_at, mac, site_mac) SELECT n, 'refused', 'parcels',"
            " 'not_allowed', '', 'eve', '', '{}', now(), 'm' || n, 's' || n"
            " FROM generate_series(1, %s) n",
            [LONG],
        )
    AuditHead.objects.update_or_create(id=1, defaults={"length": LONG, "mac": f"s{LONG}"})
    totals._known = totals.Totals()


def test_a_process_that_starts_late_need_not_read_a_long_log(long_log, monkeypatch):
    """The sweep kept what it counted; a scrape reads what came after."""
    assert sweep()["counted"] == LONG
    assert sweep()["counted"] == 0
    with monkeypatch.context() as reading_nothing:
        reading_nothing.setattr(totals, "MOST", 0)
        assert values(scraped())[EVENTS] == LONG
    with database.atomic():
        append_site(Line("refused", resource="parcels", message="not_allowed"))
    assert values(scraped())[EVENTS] == LONG + 1


def test_a_scrape_reads_a_bounded_part_of_a_log_that_no_sweep_counted(long_log, monkeypatch):
    monkeypatch.setattr(totals, "MOST", 30_000)
    seen = [values(scraped())[EVENTS] for _ in range(5)]
    assert seen == [30_000, 60_000, 90_000, LONG, LONG]


def test_two_sweeps_at_once_keep_the_totals_once(long_log):
    together([totals.keep] * 4)
    assert [row.upto for row in LogTotals.objects.all()] == [LONG]
    assert values(scraped())[EVENTS] == LONG


def test_kept_totals_of_another_log_are_not_used(long_log, busy):
    sweep()
    LogTotals.objects.update(mac="of another log", upto=ExportLog.objects.count())
    totals._known = totals.Totals()
    assert values(scraped())[EVENTS] < LONG
    sweep()
    totals._known = totals.Totals()
    assert values(scraped())[EVENTS] >= LONG


def test_everything_that_is_counted_is_kept(busy, monkeypatch):
    monkeypatch.setattr(totals, "KEPT_EVERY", 1)
    before = values(scraped())
    assert totals.keep() == ExportLog.objects.count()
    totals._known = totals.Totals()
    monkeypatch.setattr(totals, "MOST", 0)
    after = values(scraped())
    for one in (before, after):
        one.pop(("waybill_queue_oldest_seconds",))
    assert before == after


@pytest.mark.parametrize(
    ("token", "headers", "address", "status"),
    [
        ("", {}, "127.0.0.1", 200),
        ("", {}, "::1", 200),
        ("", {}, "192.0.2.7", 403),
        ("", {"x-forwarded-for": "192.0.2.7"}, "127.0.0.1", 403),
        ("", {"x-forwarded-for": "127.0.0.1"}, "127.0.0.1", 403),
        ("", {}, "", 403),
        ("s3cret", {}, "127.0.0.1", 403),
        ("s3cret", {"authorization": "Bearer wrong"}, "127.0.0.1", 403),
        ("s3cret", {"authorization": "Bearer ünïcode"}, "127.0.0.1", 403),
        ("s3cret", {"authorization": "Bearer s3cret"}, "192.0.2.7", 200),
    ],
)
def test_the_metrics_are_for_this_machine_or_for_who_brings_the_token(
    token, headers, address, status, settings
):
    settings.WAYBILL = {**settings.WAYBILL, "metrics_token": token}
    answer = Client().get("/metrics", headers=headers, REMOTE_ADDR=address)
    assert answer.status_code == status


def test_a_worker_that_says_nothing_is_no_longer_there(settings):
    presence.beat("w1")
    presence.beat("w1")
    assert [one.name for one in presence.seen()] == ["w1"]
    Worker.objects.update(seen_at="2020-01-01T00:00:00Z")
    assert presence.seen() == []
    assert presence.forget_old() == 1
    presence.beat("w1")
    presence.leave("w1")
    assert not Worker.objects.exists()


def test_mails_that_wait_have_no_outcome(ada):
    finished(claimed(ada))
    assert Notice.objects.get().outcome == ""
    assert values(scraped())["waybill_notices_waiting", ("kind", "completed")] == 1
