"""What those who run the site see, and who reads which lines of the log (U5, L3)."""

import csv
import json
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from desk.people.groups import save_role
from desk.people.models import Role
from desk.people.rights import Right
from tests.factories.jobs import claimed, finished, overdue, requested
from tests.sample.models import Parcel
from waybill import conf, errors, exports
from waybill.jobs import audit, lease, log, outbox, presence, queries, settle, trail, verdict
from waybill.jobs.trail import Sought
from waybill.models import AuditVerdict, ExportJob, ExportLog, Notice
from waybill.shortid import to_short
from waybill.staff.charts import bars
from waybill.values import ExportRequest
from waybill.work.run import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]

PAGES = ("operations", "operations_now", "operations_figures")
TICKETS = ExportRequest(resource="tickets")


def seen_by(person, name="operations", **asked):
    client = Client()
    client.force_login(person)
    return client.get(reverse(f"waybill:{name}"), asked)


def shown(person, name="operations", **asked):
    answer = seen_by(person, name, **asked)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("name", "status"), [("ada", 200), ("cleo", 200), ("ben", 403)])
def test_the_operators_page_is_for_administrators(page, name, status, request):
    assert seen_by(request.getfixturevalue(name), page).status_code == status


def test_the_page_shows_queue_workers_failures_and_disk(ada):
    requested(ada)
    ExportJob.objects.update(queued_at=ada.joined_at - timedelta(minutes=5))
    held = lease.claim(requested(ada, request=TICKETS).pk, worker="w1")
    presence.beat("w1")
    presence.beat("w2")
    finished(claimed(ada, request=TICKETS))
    settle.fail(claimed(ada).job_id, errors.StorageFull())

    page = shown(ada)

    for word in ("5 min", "w1", "w2", "storage_full", "1 file", "70", "waits"):
        assert word in page, word
    assert to_short(held.job_id) in page
    assert "<td" in page.split("<h2>Exports by day")[1]


def test_an_export_that_is_not_theirs_to_see_is_a_busy_worker_and_no_more(ada, cleo):
    held = lease.claim(requested(ada, request=TICKETS).pk, worker="w1")
    done = finished(claimed(ada, request=TICKETS))

    page = shown(cleo)

    assert "runs an export" in page
    assert to_short(held.job_id) not in page
    assert to_short(done.pk) not in page


def test_a_worker_of_several_threads_shows_all_it_runs_and_what_is_sent_at_once_is_no_workers(ada):
    held = [claimed(ada, request=TICKETS) for _ in range(3)]
    ExportJob.objects.filter(pk=held[2].job_id).update(delivery="direct", worker="web-1")

    page = shown(ada)

    for one in held[:2]:
        assert f'id="runs-{to_short(one.job_id)}"' in page
    assert f'id="runs-{to_short(held[2].job_id)}"' not in page
    assert page.count('<td class="mono">w1</td>') == 1
    assert "web-1" not in page


def test_failures_are_told_in_words(ada):
    settle.fail(claimed(ada).job_id, errors.StorageFull())

    assert "There is no room left for the file." in shown(ada, "operations_now")


def test_a_worker_that_died_is_shown_by_its_lease_until_it_is_over(ada):
    overdue(claimed(ada).job_id)
    assert "its lease" in shown(ada)


def test_a_mail_that_was_given_up_can_be_tried_again(ada, ben):
    finished(claimed(ada))
    (notice_id,) = outbox.waiting()
    outbox.drop(outbox.claim(notice_id), "given_up", "SMTPDataError 451")
    assert "SMTPDataError 451" in shown(ada)

    address = reverse("waybill:notice_again")
    for person, status in ((ben, 403), (ada, 302)):
        client = Client()
        client.force_login(person)
        assert client.post(address, {"notice": notice_id}).status_code == status
        assert client.post(address, {"notice": "x" * 40}).status_code == status
    assert Notice.objects.get().outcome == ""


def test_a_chart_brings_no_style_no_script_and_no_markup_of_its_labels():
    drawn = bars(["<b>1</b>", "2"], {"<script>": [1, 2], "Excel": [0, 5]})
    assert drawn.startswith("<svg")
    for word in ("<style", "<script", "style=", "onload", "<b>", "http://pygal", "Pygal"):
        assert word not in drawn, word
    assert "color-1" in drawn


def test_the_log_is_read_by_those_who_hold_the_right(ada, ben, cleo, dan, person_with):
    finished(claimed(ada, request=TICKETS))
    requested(ben, request=ExportRequest(resource="assets"))
    log.append_site(log.Line("role_changed", details={"about": "Exporters"}))
    only_assets = person_with(Right.EXPORT_ASSETS)

    seen = {
        person.username: {line.resource for line in trail.page(person, Sought()).lines}
        for person in (ada, only_assets, cleo)
    }

    assert seen == {"ada": {"tickets", "assets", ""}, "eve": {"assets", ""}, "cleo": {""}}
    for person in (ben, dan):
        assert seen_by(person, "audit").status_code == 403


@pytest.fixture
def person_with(cleo):
    """Make an administrator with one right."""

    def make(right):
        role = save_role(Role(), name=right, rights=[right], by=None)
        person = type(cleo).objects.create_user("eve", display_name="Eve", is_admin=True)
        person.roles.set([role])
        return person

    return make


def test_the_filters_narrow_and_what_does_not_parse_finds_nothing(ada, ben):
    job = finished(claimed(ada, request=TICKETS))
    finished(claimed(ben, request=TICKETS))

    rows = shown(ada, "audit", event="completed").count("</tr>") - 1
    assert rows == 2
    assert shown(ada, "audit", export=to_short(job.pk)).count("</tr>") - 1 == 3
    assert shown(ada, "audit", actor="ben", event="initiated").count("</tr>") - 1 == 1
    assert "No lines here" in shown(ada, "audit", to="2020-01-01")
    for odd in ("nothing", "%00", "9" * 50, "' OR 1=1"):
        assert "No lines here" in shown(ada, "audit", export=odd)
        assert "No lines here" in shown(ada, "audit", event=odd)
    for odd in ("yesterday", "2026-02-30", "20.11.2026"):
        assert "No lines here" in shown(ada, "audit", **{"from": odd})
        assert "No lines here" in shown(ada, "audit", to=odd)
    assert "No lines here" in shown(ada, "audit", before="last")


def test_pages_follow_each_other_without_a_gap(ada):
    for _ in range(trail.PAGE + 5):
        log.append_site(log.Line("role_changed"))
    first = trail.page(ada, Sought())
    second = trail.page(ada, Sought(before=first.older))
    numbers = [line.site_seq for one in (first, second) for line in one.lines]
    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == len(set(numbers)) == ExportLog.objects.count()
    assert second.older is None


def test_the_chain_state_is_that_of_the_last_walk(ada):
    assert "not been walked over" in shown(ada, "audit")
    finished(claimed(ada))
    assert verdict.walk() == []
    assert f"up to line {ExportLog.objects.count()}" in shown(ada, "audit")
    AuditVerdict.objects.update(finding="line 3: its text does not fit")
    assert "line 3: its text does not fit" in shown(ada, "audit")


def test_the_sweep_walks_once_a_day(ada, settings):
    finished(claimed(ada))
    assert verdict.overdue()
    verdict.walk()
    assert not verdict.overdue()
    AuditVerdict.objects.update(at="2020-01-01T00:00:00Z")
    assert [verdict.overdue(), verdict.overdue()] == [True, False]
    settings.WAYBILL = {**settings.WAYBILL, "verify_log_seconds": 0}
    AuditVerdict.objects.update(at="2020-01-01T00:00:00Z")
    assert not verdict.overdue()


def test_a_walk_that_dies_leaves_the_verdict_of_the_last_one(ada):
    finished(claimed(ada))
    verdict.walk()
    AuditVerdict.objects.update(at="2020-01-01T00:00:00Z")

    assert verdict.overdue()

    assert verdict.last().at.year == 2020
    assert "as of <time" in shown(ada, "audit").replace("\n", " ")
    assert not verdict.overdue()
    verdict.walk()
    assert verdict.last().at.year > 2020


def test_the_page_that_asks_all_the_time_asks_for_nothing_that_it_does_not_show(ada, monkeypatch):
    monkeypatch.setattr(outbox, "troubled", lambda: pytest.fail("asked"))
    shown(ada, "operations_now")


def exported(person, **asked):
    job = exports.start("audit", by=person, format="csv", **asked)
    run(str(job.pk))
    done = queries.get(job.pk)
    assert done.status == "completed", done.error_message
    path = conf.settings().files / done.file.key
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_the_log_is_exported_by_waybill_itself_with_the_rows_of_the_page(ada, cleo):
    Parcel.objects.create(code="P-1")
    finished(claimed(ada, request=TICKETS))
    log.append_site(log.Line("role_changed", details={"about": "Exporters"}))

    mine, theirs = exported(ada), exported(cleo)

    assert {row["Of"] for row in mine} == {"tickets", ""}
    assert {row["Event"] for row in theirs if not row["Of"]} == {"role_changed"} | {
        row["Event"] for row in mine if not row["Of"]
    }
    assert not [row for row in theirs if row["Of"] == "tickets"]
    narrowed = exported(ada, filters={"event": "completed", "resource": "tickets"})
    assert [row["Event"] for row in narrowed] == ["completed"]
    assert list(audit.verify()) == []


def test_nobody_else_takes_the_log_out_or_fetches_it(ada, ben, cleo):
    with pytest.raises(errors.NotAllowed):
        exports.start("audit", by=ben)
    job = exports.start("audit", by=ada)
    run(str(job.pk))
    done = queries.get(job.pk)
    assert queries.may_download(done, by=ada)
    assert not queries.may_download(done, by=cleo)


def test_the_page_has_a_button_that_leads_to_the_dialog_with_its_filters(ada):
    page = shown(ada, "audit", event="completed")
    assert 'name="f.event" value="completed"' in page
    client = Client()
    client.force_login(ada)
    answer = client.post(reverse("waybill:dialog", args=["audit"]), {"f.event": "completed"})
    assert answer.status_code == 200
    assert "completed" in answer.content.decode()


MANY = """
    INSERT INTO waybill_exportlog
        (site_seq, event, resource, message, actor_key, actor, address, details, created_at,
         mac, site_mac)
    SELECT n + 1000, (ARRAY['initiated', 'completed', 'downloaded', 'refused'])[1 + n % 4],
           (ARRAY['tickets', 'assets', 'parcels', ''])[1 + n % 3], '', '', 'Person ' || n % 50, '',
           '{}', now() - (100000 - n) * interval '1 minute', '', ''
    FROM generate_series(1, 100000) AS n
"""


def _read(plan):
    """Add up the rows that the scans of a plan read."""
    own = plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)
    scanned = own * plan["Actual Loops"] if "Scan" in plan["Node Type"] else 0
    return scanned + sum(_read(part) for part in plan.get("Plans", []))


@pytest.mark.parametrize(
    "sought", [Sought(), Sought(before=900), Sought(before=50_000), Sought(event="completed")]
)
def test_a_page_of_a_long_log_reads_hardly_more_than_it_shows(ada, sought):
    with connection.cursor() as cursor:
        cursor.execute(MANY)
        cursor.execute("ANALYZE waybill_exportlog")
    rows = trail.matching(ada, sought)[: trail.PAGE + 1]
    sql, given = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", given)
        ((found,),) = cursor.fetchall()
    plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    assert _read(plan) < 1_000


@pytest.mark.parametrize(
    ("top", "labels"),
    [(0, ["0"]), (1, ["0", "1"]), (3, ["2", "3"]), (33_000, ["10,000", "40,000"])],
)
def test_the_axis_of_a_chart_has_whole_numbers(top, labels):
    drawn = bars(["1"], {"CSV": [top]})
    axis = re.findall(r"<text[^>]*>([\d.,]+)</text>", drawn.split("axis y")[1])
    assert set(labels) <= set(axis)
    assert not [one for one in axis if "." in one]
