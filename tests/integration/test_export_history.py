"""The history's pages follow a row; the badge and the toasts say what is new; a status is cheap."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from desk.people.models import User
from waybill import exports
from waybill.jobs import past, queries
from waybill.jobs.past import PAGE, Looked
from waybill.models import ExportJob
from waybill.shortid import to_short
from waybill.work.run import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]

JOBS = """
    INSERT INTO waybill_exportjob (id, resource, format, delivery, requester_id, requester_key,
        requester_label, view_name, frozen, status, stage, exported_items, failed_items, message,
        error_code, error_message, attempt, crashes, interruptions, fence, worker, requested_at,
        queued_at, expires_at, downloads, email_notification, request_digest, log_length, log_head)
    SELECT gen_random_uuid(), 'tickets', 'csv', 'background', %s, '', 'Somebody', '',
        '{"words": []}', 'canceled', 'done', n %% 7, 0, '', '', '', 0, 0, 0, 0, '',
        now() - n / 3 * interval '1 minute', now(), now(), 0, false, '', 0, ''
    FROM generate_series(1, %s) AS n
"""


def _jobs(person: User, count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(JOBS, [person.pk, count])
        cursor.execute("ANALYZE waybill_exportjob")


def _client(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize("sort", ["-requested", "requested", "-rows", "rows", "-size", "size"])
def test_paging_there_and_back_shows_each_export_once(sort: str, ada: User) -> None:
    _jobs(ada, 3 * PAGE + 7)
    pages = [past.page(ada, Looked(sort=sort))]
    while pages[-1].older:
        pages.append(past.page(ada, Looked(sort=sort, after=to_short(pages[-1].jobs[-1].pk))))
    seen = [job.pk for page in pages for job in page.jobs]
    back = [pages[-1]]
    while back[-1].newer:
        back.append(past.page(ada, Looked(sort=sort, before=to_short(back[-1].jobs[0].pk))))

    assert len(seen) == len(set(seen)) == 3 * PAGE + 7
    assert [job.pk for page in back[::-1] for job in page.jobs] == seen


def test_a_page_that_follows_a_strangers_export_begins_at_the_start(ada: User, dan: User) -> None:
    _jobs(dan, 3)
    foreign = exports.start("assets", by=ada)

    page = past.page(dan, Looked(after=to_short(foreign.pk)))

    assert (len(page.jobs), page.newer) == (3, False)


@pytest.mark.parametrize("who", ["ada", "ben"])
def test_any_page_of_a_long_history_reads_no_more_rows_than_it_shows(
    who: str, request: pytest.FixtureRequest
) -> None:
    person = request.getfixturevalue(who)
    _jobs(person, 20_000)
    middle = ExportJob.objects.order_by("-requested_at", "-id")[10_000]

    for edge, back in ((None, False), (middle, False), (middle, True)):
        rows = past.selected(person, Looked(), edge=edge, back=back)[: PAGE + 1]
        told = rows.explain(format="json", analyze=True)
        assert sum(_read(told)) < 4 * PAGE


def _read(told: str) -> Iterator[int]:
    """Give the rows that each scan of the jobs read, those it threw away included."""
    import json

    nodes = [json.loads(told)[0]["Plan"]]
    while nodes:
        node = nodes.pop()
        nodes.extend(node.get("Plans", []))
        if node.get("Relation Name") == "waybill_exportjob":
            yield round(node["Actual Rows"] + node.get("Rows Removed by Filter", 0))


@pytest.mark.parametrize("status", ["pending", "processing", "completed"])
def test_the_moving_part_costs_two_queries_beside_the_log_in(status: str, ada: User) -> None:
    job = exports.start("tickets", by=ada)
    exports.start("assets", by=ada)
    if status == "completed":
        run(str(job.pk))
    elif status == "processing":
        ExportJob.objects.filter(pk=job.pk).update(status=status, lease_until="2100-01-01T00:00Z")
    client, address = _client(ada), reverse("waybill:panel", args=[to_short(job.pk)])
    first = client.get(address)

    for headers in ({}, {"If-None-Match": first["ETag"]}):
        with CaptureQueriesContext(connection) as made:
            answer = client.get(address, headers=headers)
        asked = [one["sql"] for one in made.captured_queries]
        own = [sql for sql in asked if 'FROM "django_session"' not in sql]
        assert answer.status_code == (304 if headers else first.status_code)
        assert len([sql for sql in own if 'FROM "people_user" WHERE' not in sql]) <= 2


def test_smaller_exports_that_will_pass_are_ahead(ada: User, ben: User) -> None:
    large = exports.start("tickets", by=ada)
    for _ in range(2):
        exports.start("tickets", by=ben)
    ExportJob.objects.filter(pk=large.pk).update(turn_at=F("turn_at") + timedelta(minutes=5))

    page = _client(ada).get(reverse("waybill:status", args=[to_short(large.pk)])).content.decode()

    # Ben's second one waits behind everybody's first.
    assert "Waiting; 1 export is ahead." in page


def test_a_queued_export_says_how_many_are_ahead(ada: User, ben: User) -> None:
    exports.start("tickets", by=ben)
    exports.start("tickets", by=None)
    job = exports.start("tickets", by=ada)

    page = _client(ada).get(reverse("waybill:status", args=[to_short(job.pk)])).content.decode()

    assert "Waiting; 2 exports are ahead." in page


def test_an_administrators_badge_counts_what_others_started_and_cannot_fetch(
    ada: User, ben: User, dan: User
) -> None:
    run(str(exports.start("tickets", by=ben).pk))
    shown = {who: _badge(_client(who)) for who in (ada, ben, dan)}

    assert '<span class="badge">1' in shown[ada]
    assert '<span class="badge">' not in shown[ben] + shown[dan]


def _badge(client: Client, **headers: str) -> str:
    return client.get(reverse("waybill:badge"), headers=headers).content.decode()


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ("completed", "Tickets: your export is ready."),
        ("failed", "Tickets: your export failed."),
        ("direct", "Tickets: 0 rows sent."),
    ],
)
def test_the_end_of_ones_own_export_is_told_once(
    end: str, words: str, ada: User, cleo: User
) -> None:
    client = _client(ada)
    if end == "direct":
        b"".join(client.post("/staff/exports/new/tickets/start", {"format": "csv"}))  # type: ignore[arg-type]
    else:
        job = exports.start("tickets", by=ada)
        roles = [*ada.roles.all()]
        if end == "failed":
            ada.roles.clear()
        run(str(job.pk))
        ada.roles.set(roles)

    assert words in _badge(client)
    assert words not in _badge(client)
    assert words not in _badge(_client(cleo))


def test_whoever_watched_an_export_end_is_not_told_again(ben: User) -> None:
    client, job = _client(ben), exports.start("tickets", by=ben)
    run(str(job.pk))
    here = f"http://testserver{reverse('waybill:status', args=[to_short(job.pk)])}"

    assert "toast" not in _badge(client, hx_current_url=here)
    assert "toast" not in _badge(client)
    other = exports.start("tickets", by=ben)
    run(str(other.pk))
    client.get(reverse("waybill:status", args=[to_short(other.pk)]))
    assert "toast" not in _badge(client)
    assert queries.get(other.pk).status == "completed"
