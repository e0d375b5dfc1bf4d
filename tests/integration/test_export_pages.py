"""Who gets which answer on the pages of exports: every route that takes an export's id."""

import html
import re
import threading
import uuid
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, reverse

from desk.assets import actions as asset_actions
from desk.people.models import Role, User
from desk.tickets import actions
from waybill import conf, errors, exports, urls
from waybill.jobs import queries
from waybill.models import ExportJob
from waybill.shortid import to_short
from waybill.work.run import run

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]

POSTED = {"cancel", "retry", "again", "delete"}


def _routes() -> Iterator[str]:
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        if "<str:name>" in str(pattern.pattern):
            assert pattern.name is not None
            yield pattern.name


ROUTES = sorted(_routes())


def _client(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _ask(client: Client, route: str, name: str) -> tuple[int, str]:
    address = reverse(f"waybill:{route}", args=[name])
    answer = client.post(address) if route in POSTED else client.get(address)
    body = "" if answer.streaming else answer.content.decode()
    return answer.status_code, re.sub(r'value="[^"]{64}"', "", body).replace(name, "")


def _done(person: User) -> ExportJob:
    actions.create({"subject": "Printer jams"}, by=person)
    job = exports.start("tickets", by=person)
    run(str(job.pk))
    return queries.get(job.pk)


def test_the_pages_have_routes_for_everything_that_can_be_done_to_an_export() -> None:
    wanted = {"status", "panel", "download", "receipt", "log"} | POSTED
    assert set(ROUTES) == wanted


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("name", ["cleo", "dan"])
def test_an_export_that_is_not_theirs_to_see_looks_as_if_it_were_not_there(
    route: str, name: str, ada: User, request: pytest.FixtureRequest
) -> None:
    client = _client(request.getfixturevalue(name))
    job = _done(ada)

    seen = _ask(client, route, to_short(job.pk))

    assert seen == _ask(client, route, to_short(uuid.uuid4()))
    assert seen[0] == 404


@pytest.mark.parametrize("route", ROUTES)
def test_whoever_is_not_logged_in_is_led_to_the_log_in(route: str, ada: User) -> None:
    job = _done(ada)

    status, _body = _ask(Client(), route, to_short(job.pk))

    assert status == 302


@pytest.mark.parametrize("name", ["x", "A" * 22, "%00", "9" * 400, "../..", "é" * 22])
def test_an_id_that_is_none_is_not_there(name: str, ada: User) -> None:
    client = _client(ada)

    assert client.get(f"/staff/exports/{name.replace('/', '%2F')}/").status_code == 404


def test_a_starter_who_is_no_administrator_sees_the_export_but_gets_no_file(ben: User) -> None:
    job = _done(ben)
    client = _client(ben)

    assert _ask(client, "status", to_short(job.pk))[0] == 200
    assert _ask(client, "download", to_short(job.pk))[0] == 403


def test_an_administrator_with_the_right_fetches_what_another_started(ada: User, ben: User) -> None:
    job = _done(ben)

    answer = _client(ada).get(reverse("waybill:download", args=[to_short(job.pk)]))

    assert answer.status_code == 200
    assert b"Printer jams" in b"".join(answer)  # type: ignore[arg-type]


def test_a_storage_that_is_down_is_told_in_a_sentence(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = _done(ada)

    def down(*_args: object, **_given: object) -> None:
        raise errors.StorageDown("away")

    monkeypatch.setattr("waybill.staff.watch.fetched", down)

    status, body = _ask(_client(ada), "download", to_short(job.pk))

    assert status == 503
    assert str(errors.StorageDown.public) in html.unescape(str(body))


def test_an_estimate_that_takes_too_long_says_so(
    ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_args: object, **_given: object) -> None:
        raise errors.TimeLimit("seconds=5")

    monkeypatch.setattr("waybill.work.estimate.estimate", slow)

    address = reverse("waybill:estimate", args=["tickets"])
    part = _client(ada).post(address, {"format": "csv"}, headers={"HX-Request": "true"})
    page = _client(ada).post(address, {"format": "csv"})

    assert (part.status_code, page.status_code) == (200, 503)
    for answer in (part, page):
        assert str(errors.TimeLimit.public) in html.unescape(answer.content.decode())


def test_a_right_lost_after_the_end_refuses_the_download(ada: User) -> None:
    job = _done(ada)
    ada.roles.clear()
    client = _client(User.objects.get(pk=ada.pk))

    status, _body = _ask(client, "download", to_short(job.pk))

    assert status in {403, 404}


def test_a_right_lost_before_the_run_fails_the_export(ada: User) -> None:
    job = exports.start("tickets", by=ada)
    ada.roles.clear()

    run(str(job.pk))

    assert queries.get(job.pk).error_code == "right_lost"


@pytest.mark.parametrize(("name", "status"), [("cleo", 404), ("dan", 404), ("ada", 200)])
def test_only_those_with_the_right_find_the_dialog(
    name: str, status: int, request: pytest.FixtureRequest
) -> None:
    client = _client(request.getfixturevalue(name))

    assert client.get("/staff/exports/new/tickets/").status_code == status
    assert client.get("/staff/exports/new/nothing/").status_code == 404


def test_no_get_starts_an_export(ada: User) -> None:
    client = _client(ada)

    for page in ("start", "estimate"):
        answer = client.get(f"/staff/exports/new/tickets/{page}")
        assert answer.status_code == 405
    client.get("/staff/exports/new/tickets/?format=csv&scope=all")

    assert not ExportJob.objects.exists()


def test_a_small_export_of_an_administrator_comes_at_once(ada: User) -> None:
    actions.create({"subject": "Printer jams"}, by=ada)
    address = reverse("waybill:start", args=["tickets"])

    answer = _client(ada).post(address, {"format": "csv", "scope": "all"})

    assert answer["Content-Disposition"].startswith("attachment")
    assert b"Printer jams" in b"".join(answer)  # type: ignore[arg-type]
    assert ExportJob.objects.get().status == "completed"


def test_behind_a_proxy_the_log_names_the_address_that_the_proxy_reports(
    ada: User, settings: Any
) -> None:
    """L1: what is done on the pages, as what is done by the API."""
    settings.PROXIES = [ip_network("127.0.0.0/8")]
    job = _done(ada)
    address = reverse("waybill:download", args=[to_short(job.pk)])
    b"".join(_client(ada).get(address, headers={"x-forwarded-for": "8.8.8.8, 192.0.2.7"}))
    lines = [line for line in queries.log_of(job) if line.event == "download_started"]
    assert [line.address for line in lines] == ["192.0.2.7"]


def test_a_double_press_makes_one_export(ben: User) -> None:
    client, address = _client(ben), reverse("waybill:start", args=["tickets"])
    pressed = {"format": "csv", "scope": "all", "key": "the-same-press"}

    first, second = client.post(address, pressed), client.post(address, pressed)

    assert first["Location"] == second["Location"]
    assert ExportJob.objects.count() == 1


def test_the_sixth_export_in_a_minute_is_refused_in_words(ben: User) -> None:
    client, address = _client(ben), reverse("waybill:start", args=["tickets"])

    answers = [client.post(address, {"format": "csv"}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_a_filter_that_means_nothing_is_refused_in_words(ada: User) -> None:
    address = reverse("waybill:start", args=["tickets"])

    answer = _client(ada).post(address, {"format": "csv", "f.assigned_to__password": "x"})

    assert answer.status_code == 400
    assert "assigned_to__password" in answer.content.decode()


def test_the_moving_part_is_not_sent_again_when_nothing_moved(ada: User) -> None:
    job = exports.start("tickets", by=ada)
    client, address = _client(ada), reverse("waybill:panel", args=[to_short(job.pk)])

    first = client.get(address)
    again = client.get(address, headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code) == (200, 304)


def test_the_badge_counts_what_waits_to_be_fetched(ada: User) -> None:
    job = _done(ada)
    client = _client(ada)

    assert "badge" in client.get(reverse("waybill:badge")).content.decode()
    b"".join(client.get(reverse("waybill:download", args=[to_short(job.pk)])))  # type: ignore[arg-type]

    assert client.get(reverse("waybill:badge")).content.decode().strip() == ""


def test_the_preview_shows_the_cells_of_the_file(ada: User) -> None:
    actions.create({"subject": "=1+1"}, by=ada)
    address = reverse("waybill:estimate", args=["tickets"])
    asked = {"format": "csv", "scope": "all", "preview": "on", "columns": ["subject"]}

    shown = _client(ada).post(address, asked).content.decode()

    assert "<b>1 row</b>" in shown
    assert ">&#x27;=1+1</div></td>" in shown


@pytest.mark.parametrize("model", ["exportjob", "exportfile", "exportlog"])
def test_operators_read_exports_in_the_admin_and_change_nothing(model: str, ada: User) -> None:
    _done(ada)
    client = _client(ada)

    listed = client.get(reverse(f"admin:waybill_{model}_changelist"))
    added = client.get(reverse(f"admin:waybill_{model}_add"))

    assert listed.status_code == 200
    assert "Ada" in listed.content.decode() or "tickets" in listed.content.decode()
    assert added.status_code == 403


def test_the_admin_finds_an_export_by_its_requester(ada: User) -> None:
    _done(ada)

    found = _client(ada).get("/admin/waybill/exportjob/?q=Ada")

    assert found.status_code == 200
    assert "completed" in found.content.decode().lower()


def withdraw(point: str, job_id: object, rows: int) -> None:
    """Take the requester's roles while the rows flow; the heart asks for the right meanwhile."""
    if point == "rows":
        User.objects.get(pk=queries.get(job_id).requester_id).roles.clear()  # type: ignore[arg-type]
        threading.Event().wait(1)


@pytest.mark.parametrize("resource", ["tickets", "assets"])
def test_a_right_lost_while_it_runs_fails_the_export_and_keeps_nothing(
    resource: str, ada: User, settings: Any
) -> None:
    settings.TESTING = True
    hurried = {"beat_seconds": 0.05, "right_check_seconds": 0.1}
    settings.WAYBILL = {**settings.WAYBILL, **hurried, "fault_hook": f"{__name__}.withdraw"}
    actions.create({"subject": "Printer jams"}, by=ada)
    asset_actions.create({"name": "Laptop", "asset_tag": "A-1"}, by=ada)
    job = exports.start(resource, by=ada)

    run(str(job.pk))

    ended = queries.get(job.pk)
    assert (ended.status, ended.error_code, ended.file) == ("failed", "right_lost", None)
    folder = conf.settings().files
    assert [path for path in folder.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("resource", ["tickets", "assets"])
@pytest.mark.parametrize("moment", ["request", "run", "download"])
def test_the_right_is_asked_for_at_each_moment(
    moment: str, resource: str, ada: User, exporters: Role
) -> None:
    def lost(now: str) -> None:
        ada.roles.set([] if now == moment else [exporters])

    lost("request")
    started = _client(ada).post(
        reverse("waybill:start", args=[resource]), {"format": "csv", "scope": "all"}
    )
    assert started.status_code == (404 if moment == "request" else 200)
    if moment == "request":
        assert not ExportJob.objects.exists()
        return
    b"".join(started)  # type: ignore[arg-type]
    job = exports.start(resource, by=User.objects.get(pk=ada.pk))
    lost("run")
    run(str(job.pk))
    assert queries.get(job.pk).error_code == ("right_lost" if moment == "run" else "")
    lost("download")
    if moment == "download":
        assert _ask(_client(ada), "download", to_short(job.pk))[0] == 403


def test_a_page_says_until_when_a_file_is_kept_only_where_one_is(ada: User) -> None:
    direct = exports.stream("tickets", by=ada, format="csv")
    assert b"".join(direct)
    kept = exports.start("tickets", by=ada)

    def page(job: ExportJob) -> str:
        return _client(ada).get(reverse("waybill:status", args=[to_short(job.pk)])).content.decode()

    assert "not kept" in page(direct.job)
    assert "Kept until" not in page(direct.job)
    assert "Kept until" in page(kept)


def test_the_status_page_names_the_columns_as_the_file_does(ada: User) -> None:
    job = exports.start(
        "tickets", by=ada, columns=["ticket_code", "subject"], labels={"subject": "Matter"}
    )

    page = _ask(_client(ada), "status", to_short(job.pk))[1]

    assert "<dd>Code, Matter</dd>" in page
