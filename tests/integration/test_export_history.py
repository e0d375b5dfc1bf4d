"""The history's pages follow a row; the badge and the toasts say what is new; a status is cheap."""

from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import get_language, override

from desk.people.groups import save_role
from desk.people.models import Role, User
from desk.people.rights import Right
from tests.factories.jobs import claimed
from waybill import errors, exports
from waybill.jobs import past, queries, settle
from waybill.jobs.past import PAGE, Looked
from waybill.models import ExportJob
from waybill.shortid import to_short
from waybill.staff import look_back
from waybill.values import ExportRequest, Options
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


def test_exports_that_a_person_may_not_fetch_hide_none_that_they_may(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look_back, "LOOKED_AT", 1)
    for name in ("assets", "tickets", "tickets"):
        run(str(exports.start(name, by=ada).pk))
    client = _client(ada)
    ada.roles.set([save_role(Role(), name="Assets", rights=[Right.EXPORT_ASSETS], by=None)])

    assert '<span class="badge">1' in _badge(client)


def test_each_line_of_the_history_leads_to_receipt_log_and_deletion(ada: User) -> None:
    run(str(exports.start("tickets", by=ada).pk))
    name = to_short(ExportJob.objects.get().pk)
    client = _client(ada)

    page = client.get(reverse("waybill:history")).content.decode()
    for part in ("receipt", "log"):
        assert f'<a href="{reverse(f"waybill:{part}", args=[name])}">' in page
    assert f'action="{reverse("waybill:delete", args=[name])}"' in page
    client.post(reverse("waybill:delete", args=[name]))
    later = client.get(reverse("waybill:history")).content.decode()
    assert reverse("waybill:delete", args=[name]) not in later
    assert reverse("waybill:receipt", args=[name]) in later


def test_a_failure_is_told_in_the_language_of_the_reader(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = lazy(lambda: f"No room, in {get_language()}.", str)()
    monkeypatch.setattr(errors.StorageFull, "public", said)
    with override("fr"):
        held = claimed(ada, request=ExportRequest(resource="tickets"))
        settle.fail(held.job_id, errors.StorageFull())
    assert queries.get(held.job_id).error_message == "No room, in fr."

    for address in (
        reverse("waybill:history"),
        reverse("waybill:status", args=[to_short(held.job_id)]),
    ):
        page = _client(ada).get(address).content.decode()
        assert "No room, in en." in page
        assert "No room, in fr." not in page


def test_the_log_speaks_in_words(ada: User) -> None:
    run(str(exports.start("tickets", by=ada).pk))
    name = to_short(ExportJob.objects.get().pk)
    client = _client(ada)
    b"".join(client.get(reverse("waybill:download", args=[name])))  # type: ignore[arg-type]

    for address in (reverse("waybill:log", args=[name]), reverse("waybill:audit")):
        page = client.get(address).content.decode()
        assert '<td class="fit">Download started</td>' in page
        assert '<td class="fit">download_started</td>' not in page


@pytest.mark.parametrize("name", ["history", "operations_now", "audit"])
def test_a_part_of_a_page_never_shows_the_log_in_inside_the_page(name: str, db: None) -> None:
    address = reverse(f"waybill:{name}")

    part = Client().get(address, headers={"HX-Request": "true"})

    assert (part.status_code, part.headers["HX-Refresh"], part.content) == (204, "true", b"")
    assert Client().get(address).status_code == 302


def test_the_badge_of_a_page_whose_session_ended_asks_no_more_and_leaves_the_page(
    db: None,
) -> None:
    part = Client().get(reverse("waybill:badge"), headers={"HX-Request": "true"})

    assert (part.status_code, part.content) == (286, b"")
    assert "HX-Refresh" not in part.headers
    assert Client().get(reverse("waybill:badge")).status_code == 302


def test_the_history_says_which_rows_an_export_was_of(ada: User) -> None:
    options = Options(children=True)
    filters = {"is_open": "true"}
    job = exports.start("tickets", by=ada, search="vpn", filters=filters, options=options)
    exports.start("tickets", by=ada, selected=["1", "2"])
    client = _client(ada)
    page = unescape(client.get(reverse("waybill:history")).content.decode())
    assert "Open: yes · search “vpn” · with comments" in page
    assert "2 selected rows" in page
    status = client.get(reverse("waybill:status", args=[to_short(job.pk)])).content.decode()
    assert "Open: yes · search “vpn” · with comments" in unescape(status)
