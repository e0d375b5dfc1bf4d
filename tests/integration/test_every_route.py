"""Every address of Desk that takes an id, asked by people whose the thing is not (G13).

The addresses come from the URL configuration. One that takes an id and belongs to no rule here
fails, so that no page is added untested.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from desk.people.groups import save_role, save_team
from desk.people.models import Role, Team, User
from desk.people.rights import Right
from desk.people.tokens import create_token
from desk.tickets import actions
from desk.views.models import SavedView
from tests.factories.jobs import finished
from waybill import exports
from waybill.jobs import lease
from waybill.models import ExportJob
from waybill.shortid import to_short

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fresh_folder", "quiet_doorbell")]

PLACE = re.compile(r"<(?:[a-z]+:)?(?P<name>\w+)>")
NO_IDS = {"subject", "resource"}  # these name a kind of rows, known to everybody
EVERYBODYS = {"assets"}  # all staff list all assets (D1)

# What an address's id is of: by the route, else by its area.
THINGS = {
    "people:role": "role",
    "people:delete_role": "role",
    "people:team": "team",
    "people:delete_team": "team",
    "people:revoke_token": "token",
    "people": "person",
    "mail": "mail",
    "tickets": "ticket",
    "views": "view",
    "waybill": "job",
    "waybill-api": "job",
}
MAIL = "20260101-000000-mine"
AGENTS = ("ben", "dan", "fay")
OUTSIDERS = {
    "person": AGENTS,
    "role": AGENTS,
    "team": AGENTS,
    "token": AGENTS,
    "mail": AGENTS,
    "ticket": AGENTS,
    "view": ("ben", "cleo", "dan", "eve", "fay"),
    "job": ("ben", "cleo", "dan", "eve", "fay"),
}


def _routes(resolver: URLResolver, before: str = "", area: str = "") -> Iterator[tuple[str, str]]:
    """Give the template and the name of every address, the operators' admin left out."""
    for one in resolver.url_patterns:
        template = before + str(one.pattern)
        if isinstance(one, URLPattern):
            yield template, f"{area}:{one.name}"
        elif one.namespace != "admin":
            yield from _routes(one, template, one.namespace or area)


WITH_IDS = sorted(
    (template, name)
    for template, name in _routes(get_resolver())
    if set(PLACE.findall(template)) - NO_IDS and name.partition(":")[0] not in EVERYBODYS
)


def _thing(name: str) -> str:
    return THINGS.get(name) or THINGS[name.partition(":")[0]]


@pytest.fixture
def people(ada: User, ben: User, cleo: User, dan: User) -> dict[str, User]:
    """Ada, whose everything is, and those who are not meant to learn of it."""
    tickets, assets = [
        save_role(Role(), name=right, rights=[right], by=None)
        for right in (Right.IMPORT_EXPORT_TICKETS, Right.EXPORT_ASSETS)
    ]
    eve = User.objects.create_user("eve", is_admin=True)  # administers, but for assets alone
    fay = User.objects.create_user("fay")  # holds the right, but is an agent
    gus = User.objects.create_user("gus", is_admin=True)  # held all, and may not come in any more
    eve.roles.set([assets])
    fay.roles.set([tickets])
    gus.roles.set([tickets, assets])
    return {"ben": ben, "cleo": cleo, "dan": dan, "eve": eve, "fay": fay, "gus": gus}


@pytest.fixture
def things(ada: User, settings: Any, tmp_path: Path) -> dict[str, tuple[object, object]]:
    """An id of each thing that is Ada's, and one that is nobody's."""
    mine: dict[str, Any] = {
        "person": ada,
        "role": save_role(Role(), name="Readers", rights=[], by=ada),
        "team": save_team(Team(), name="Night shift", people=[ada], by=ada),
        "token": create_token(ada, name="cron", by=ada)[0],
        "ticket": actions.create({"subject": "Secret", "assigned_to": ada}, by=ada),
        "view": SavedView.objects.create(subject="tickets", name="Mine alone", owner=ada),
    }
    ids: dict[str, tuple[object, object]] = {
        kind: (one.pk, one.pk + 10_000) for kind, one in mine.items()
    }
    job = exports.start("tickets", by=ada)
    kept = {"BACKEND": "desk.mail.folder.FolderBackend", "OPTIONS": {"folder": str(tmp_path)}}
    settings.MAILERS = {"default": kept}
    (tmp_path / f"{MAIL}.eml").write_text("Subject: Ready\n\nYour export is ready.\n")
    ids["mail"] = (MAIL, "20260101-000000-none")
    return ids | {"job": (to_short(job.pk), to_short(uuid.uuid4()))}


def _answers(
    client: Client, template: str, ids: tuple[object, object]
) -> list[list[tuple[int, str]]]:
    """Ask by every method, for either id; the ids, tokens and fresh ids are taken out."""
    both = []
    for key in ids:
        path = "/" + PLACE.sub(str(key), template)
        said = []
        for ask in (client.get, client.post, client.delete):
            answer = ask(path)
            body = "" if answer.streaming else answer.content.decode()
            body += answer.headers.get("Location", "")
            said.append((answer.status_code, _bare(body, ids)))
        both.append(said)
    return both


def _bare(body: str, ids: tuple[object, object]) -> str:
    """Take out both ids alike: one may stand elsewhere, as the 1 of `initial-scale=1`."""
    either = "|".join(re.escape(str(one)) for one in ids)
    named = re.sub(rf"(?<![\w-])({either})(?![\w-])", "KEY", body)
    return re.sub(r'(?<=value=")[^"]{64}(?=")', "", named)


def test_every_address_that_takes_an_id_says_what_the_id_is_of() -> None:
    known = {_thing(name) for _template, name in WITH_IDS}

    assert len(WITH_IDS) > 30
    assert known <= OUTSIDERS.keys()


@pytest.mark.parametrize(("template", "name"), WITH_IDS, ids=lambda one: one)
def test_what_is_not_theirs_looks_as_if_it_were_not_there(
    template: str,
    name: str,
    people: dict[str, User],
    things: dict[str, tuple[object, object]],
    calling: Callable[[User], Client],
) -> None:
    kind = _thing(name)
    before = ExportJob.objects.values_list("status", "log_length").get()

    for who in OUTSIDERS[kind]:
        client = _client(people[who], name, calling)
        foreign, missing = _answers(client, template, things[kind])
        assert foreign == missing, who
        codes = {code for code, _body in foreign}
        assert codes <= {403, 404, 405}, who
        assert codes != {405}, who
    assert ExportJob.objects.values_list("status", "log_length").get() == before


@pytest.mark.parametrize(("template", "name"), WITH_IDS, ids=lambda one: one)
def test_whoever_is_nobody_or_may_not_come_in_any_more_learns_nothing(
    template: str,
    name: str,
    people: dict[str, User],
    things: dict[str, tuple[object, object]],
    calling: Callable[[User], Client],
) -> None:
    inactive = _client(people["gus"], name, calling)
    User.objects.filter(username="gus").update(is_active=False)

    for client in (Client(), inactive):
        foreign, missing = _answers(client, template, things[_thing(name)])
        assert foreign == missing
        assert {code for code, _body in foreign} <= {302, 401, 405}


@pytest.mark.parametrize("model", ["exportjob", "exportfile", "exportlog", "notice"])
def test_the_operators_admin_shows_no_export_that_is_not_theirs(
    model: str, people: dict[str, User], things: dict[str, tuple[object, object]], ada: User
) -> None:
    finished(lease.claim(ExportJob.objects.get().pk, worker="w1"))
    there = apps.get_model("waybill", model)._default_manager
    key = there.first().pk if model == "exportjob" else there.exclude(job=None).first().pk
    for who in ("cleo", "eve"):
        client = _client(people[who], "", None)
        found = client.get(reverse(f"admin:waybill_{model}_changelist")).content.decode()
        pages = [f"admin:waybill_{model}_{page}" for page in ("change", "history", "delete")]
        codes = {client.get(reverse(page, args=[key])).status_code for page in pages}
        missing = {
            client.get(
                reverse(page, args=[uuid.uuid4() if model == "exportjob" else 10**9])
            ).status_code
            for page in pages
        }
        assert f"/{model}/{key}/" not in found, who
        assert codes == missing, who
        assert 200 not in codes, who
    mine = _client(ada, "", None).get(reverse(f"admin:waybill_{model}_changelist"))
    assert f"/{model}/{key}/" in mine.content.decode()


def _client(person: User, name: str, calling: Callable[[User], Client] | None) -> Client:
    if calling is not None and name.startswith("waybill-api"):
        return calling(person)
    client = Client()
    client.force_login(person)
    return client
