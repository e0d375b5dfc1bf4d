"""The dialog: presets, the last choice of each view, an earlier export once more, warnings."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from desk.people.models import User
from desk.tickets import actions
from desk.views.models import SavedView
from waybill import exports
from waybill.jobs import presets
from waybill.models import ExportJob, ExportPreset
from waybill.shortid import to_short
from waybill.staff import ask
from waybill.values import ExportRequest, Options

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("fresh_folder", "quiet_doorbell"),
]

CHOSEN = {
    "options": "1",
    "format": "ndjson",
    "columns": ["subject", "ticket_code"],
    "label.subject": "Matter",
    "delimiter": "tab",
    "zone": "Asia/Tokyo",
    "guard": "on",
    "gzip": "on",
    "mail": "on",
}


def _client(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _address(name: str) -> str:
    return reverse(f"waybill:{name}", args=["tickets"])


def _keep(person: User, name: str, **more: str) -> ExportPreset:
    answer = _client(person).post(_address("keep_preset"), {**CHOSEN, "preset_name": name, **more})
    assert answer.status_code == 200
    assert f"“{name}” is saved." in answer.content.decode()
    return ExportPreset.objects.get(owner=person, name=name)


def _ticked(page: str) -> list[str]:
    """Give the chosen columns of a dialog, in order."""
    return [
        part.partition('"')[0]
        for part in page.split('name="columns" value="')[1:]
        if part.partition(">")[0].endswith(" checked") or " checked " in part.partition(">")[0]
    ]


def test_a_preset_brings_back_everything_that_was_chosen_but_not_the_list(ada: User) -> None:
    kept = _keep(ada, "Weekly", search="printer")

    applied = {"preset": kept.pk, "search": "tone", "f.is_open": "true"}
    page = _client(ada).post(_address("dialog"), applied).content.decode()

    assert _ticked(page) == ["subject", "ticket_code"]
    assert 'name="search" value="tone"' in page
    assert 'name="f.is_open" value="true"' in page
    assert 'value="ndjson" checked' in page
    assert 'value="Matter"' in page
    assert '<option value="tab" selected>' in page
    assert 'value="Asia/Tokyo"' in page
    assert 'name="gzip" checked' in page
    assert 'name="bom" checked' not in page


def test_as_in_the_list_takes_the_columns_of_the_view(ada: User) -> None:
    SavedView.objects.create(
        subject="tickets", name="Short", owner=ada, columns=["subject", "status"]
    )
    presets.remember(ada, "tickets", view="Short", choices=[["columns", "id"], ["options", "1"]])
    client = _client(ada)

    remembered = client.get(_address("dialog"), {"view": "Short"}).content.decode()
    listed = client.post(_address("dialog"), {"view": "Short", "preset": "list"}).content.decode()

    assert _ticked(remembered) == ["id"]
    assert _ticked(listed) == ["subject", "status"]


def test_a_preset_is_shared_or_ones_own(ada: User, ben: User) -> None:
    own, shared = _keep(ada, "Mine alone"), _keep(ada, "For all", preset_shared="on")
    client = _client(ben)
    page = client.get(_address("dialog")).content.decode()

    assert "Mine alone" not in page
    assert "For all, shared by Ada" in page
    assert client.post(_address("dialog"), {"preset": shared.pk}).status_code == 200
    for route in ("dialog", "drop_preset"):
        foreign = client.post(_address(route), {"preset": own.pk})
        missing = client.post(_address(route), {"preset": own.pk + 1_000})
        assert foreign.status_code == missing.status_code == 404
    assert client.post(_address("drop_preset"), {"preset": shared.pk}).status_code == 403
    assert ExportPreset.objects.filter(owner=ada).exclude(name="").count() == 2


def test_a_preset_is_replaced_by_its_name_and_deleted(ada: User) -> None:
    kept = _keep(ada, "Weekly")
    assert _keep(ada, "Weekly", format="csv").pk == kept.pk

    page = _client(ada).post(_address("drop_preset"), {"preset": kept.pk}).content.decode()

    assert "“Weekly” is deleted." in page
    assert not ExportPreset.objects.exclude(name="").exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x00b"])
def test_a_name_that_is_none_is_refused_and_nothing_chosen_is_lost(name: str, ada: User) -> None:
    answer = _client(ada).post(_address("keep_preset"), {**CHOSEN, "preset_name": name})

    assert answer.status_code == 400
    assert _ticked(answer.content.decode()) == ["subject", "ticket_code"]
    assert not ExportPreset.objects.exists()


def test_there_are_so_many_presets_and_no_more(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presets, "NAMED", 1)
    _keep(ada, "Weekly")
    _keep(ada, "Weekly")

    answer = _client(ada).post(_address("keep_preset"), {**CHOSEN, "preset_name": "Daily"})

    assert answer.status_code == 400


@pytest.mark.parametrize("route", ["keep_preset", "drop_preset"])
def test_presets_are_for_those_who_may_export(route: str, cleo: User, ada: User) -> None:
    kept = _keep(ada, "For all", preset_shared="on")
    client = _client(cleo)

    assert client.post(_address(route), {"preset": kept.pk, "preset_name": "x"}).status_code == 404
    assert client.get(_address(route)).status_code == 405


def test_the_last_choice_is_remembered_for_each_view_and_past_the_log_out(ada: User) -> None:
    for view, columns in (("Mine", ["id"]), ("Overdue", ["subject"])):
        wanted = {**CHOSEN, "view": view, "columns": columns, "scope": "view"}
        b"".join(_client(ada).post(_address("start"), wanted))  # type: ignore[arg-type]
    client = _client(ada)

    shown = {
        view: _ticked(client.get(_address("dialog"), {"view": view}).content.decode())
        for view in ("Mine", "Overdue", "Unassigned")
    }

    assert shown == {"Mine": ["id"], "Overdue": ["subject"], "Unassigned": ["subject"]}


def test_only_so_many_last_choices_are_kept(ada: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(presets, "REMEMBERED", 2)
    for view in ("a", "b", "c"):
        presets.remember(ada, "tickets", view=view, choices=[["format", view]])

    assert {*ExportPreset.objects.values_list("view", flat=True)} == {"b", "c"}


REQUESTS = [
    ExportRequest(resource="tickets", columns=("id",)),
    ExportRequest(
        resource="tickets",
        format="excel",
        columns=("subject", "id"),
        labels={"subject": "Matter"},
        filters={"is_open": "true", "status_id": ["1", "2"], "created_from": "last 7 days"},
        search="printer",
        sort=("-created_at", "id"),
        options=Options(zone="Asia/Tokyo", children=True),
    ),
    ExportRequest(
        resource="tickets",
        columns=("id",),
        selected=("4", "9"),
        options=Options(delimiter="\t", bom=False, guard=False, raw=True, compression="gzip"),
    ),
]


@pytest.mark.parametrize("asked", REQUESTS, ids=["plain", "much", "selected"])
def test_a_request_written_as_a_form_reads_as_the_same_request(asked: ExportRequest) -> None:
    form = QueryDict(urlencode([*_pairs(ask.form_of(asked))]))

    assert ask.read("tickets", form) == asked


def _pairs(form: QueryDict) -> list[tuple[str, str]]:
    return [(name, value) for name, values in form.lists() for value in values]


def test_a_dialog_of_thousands_of_named_rows_is_a_form_that_may_be_sent(
    ada: User,
) -> None:
    """A form has a thousand fields at most; a change list of Django's admin names more rows."""
    two = [actions.create({"subject": name}, by=ada) for name in ("one", "two")]
    named = tuple(str(number) for number in range(two[0].pk, two[0].pk + 5_000))
    job = exports.start("tickets", by=ada, selected=named)
    page = _client(ada).get(f"{_address('dialog')}?again={to_short(job.pk)}").text
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page)
    sent = {name: unescape(value) for name, value in hidden}

    assert "5,000 selected rows" in page or "5000 selected rows" in page
    answer = _client(ada).post(_address("estimate"), sent | {"columns": ["id"]})
    assert answer.status_code == 200
    assert answer.context["estimate"].rows == 2
    assert answer.context["asked"].selected == named


@pytest.mark.parametrize("keys", [(), ("4",), ("a,b", "%2C", "ä €\n", "")])
def test_named_rows_packed_into_one_field_are_the_same_rows(keys: tuple[str, ...]) -> None:
    form = QueryDict(mutable=True)
    form.setlist("selected", [*keys])
    packed = QueryDict(urlencode([*ask.hidden(form)]))

    assert ask.selected(packed) == ask.selected(form) == tuple(filter(None, keys))


def test_an_earlier_export_is_edited_and_run_again(ada: User, ben: User, dan: User) -> None:
    job = exports.start("tickets", by=ben, columns=["subject"], filters={"is_open": True})
    address = f"{_address('dialog')}?again={to_short(job.pk)}"

    page = _client(ada).get(address).content.decode()
    status = _client(ada).get(reverse("waybill:history")).content.decode()

    assert _ticked(page) == ["subject"]
    assert 'name="f.is_open" value="true"' in page
    assert f"?again={to_short(job.pk)}" not in status  # it has not ended yet
    assert _client(dan).get(address).status_code == 404
    asset_dialog = reverse("waybill:dialog", args=["assets"])
    assert _client(ada).get(f"{asset_dialog}?again={to_short(job.pk)}").status_code == 404


@pytest.mark.parametrize("mail", [True, False])
def test_an_export_that_is_edited_keeps_its_choice_of_mail(mail: bool, ada: User) -> None:
    job = exports.start("tickets", by=ada, columns=["subject"])
    ExportJob.objects.filter(pk=job.pk).update(email_notification=mail)

    page = _client(ada).get(f"{_address('dialog')}?again={to_short(job.pk)}").content.decode()

    assert ('name="mail" checked' in page) is mail


def test_an_export_that_came_at_once_had_no_mail_and_is_edited_with_one(ada: User) -> None:
    b"".join(_client(ada).post(_address("start"), {**CHOSEN, "scope": "all"}))  # type: ignore[arg-type]
    job = ExportJob.objects.get()

    page = _client(ada).get(f"{_address('dialog')}?again={to_short(job.pk)}").content.decode()

    assert job.delivery == "direct"
    assert 'name="mail" checked' in page


@pytest.mark.parametrize(
    ("chosen", "warned"),
    [
        ({"format": "csv", "options": "1", "guard": "on"}, ["apostrophe", "a spreadsheet cuts"]),
        ({"format": "csv", "options": "1"}, ["the guard is off", "a spreadsheet cuts"]),
        ({"format": "csv", "options": "1", "raw": "on"}, ["a spreadsheet cuts"]),
        ({"format": "excel"}, ["on a sheet of their own"]),
        ({"format": "json"}, []),
    ],
)
def test_the_estimate_warns_of_formulas_and_long_texts(
    chosen: dict[str, str], warned: list[str], ada: User
) -> None:
    actions.create({"subject": "=1+1", "description": "x" * 40_000}, by=ada)

    said = _client(ada).post(_address("estimate"), {**chosen, "scope": "all"}).content.decode()

    known = ["apostrophe", "the guard is off", "a spreadsheet cuts", "on a sheet of their own"]
    assert [one for one in known if one in said] == warned


def _shown(person: User, **chosen: str) -> str:
    answer = _client(person).post(
        _address("estimate"),
        {"scope": "all", "preview": "on", "options": "1", **chosen},
        headers={"HX-Request": "true"},
    )
    return unescape(answer.content.decode())


def test_the_preview_shows_texts_whole_and_as_the_format_writes_them(ada: User) -> None:
    long = "word " * 200 + "end"
    actions.create({"subject": "=1+1", "description": long}, by=ada)

    assert ">'=1+1<" in _shown(ada, format="csv", guard="on")
    assert ">=1+1<" in _shown(ada, format="csv")
    assert ">=1+1<" in _shown(ada, format="excel", guard="on")
    assert '"subject":"=1+1"' in _shown(ada, format="json", guard="on")
    assert long in _shown(ada, format="excel")


def test_only_the_sentence_of_the_estimate_is_said_aloud(ada: User) -> None:
    dialog = _client(ada).get(_address("dialog")).content.decode()
    part = _shown(ada, format="csv")

    said, rest = part.partition("</div>")[::2]
    assert said.startswith('<div id="estimated" hx-swap-oob="innerHTML">')
    assert "0 rows" in said
    assert "Preview" not in said
    assert "curl" not in said
    assert "curl" in rest
    assert 'id="estimate" class="grow"><div id="estimated" role="status">' in dialog
    assert 'hx-target="#estimate-more"' in dialog


def test_without_javascript_the_estimate_stands_in_the_dialog(ada: User) -> None:
    wanted = {**CHOSEN, "scope": "all"}
    page = _client(ada).post(_address("estimate"), wanted).content.decode()
    part = _client(ada).post(_address("estimate"), wanted, headers={"HX-Request": "true"})
    refused = _client(ada).post(_address("estimate"), {**wanted, "zone": "Mars/Base"})

    assert page.count("<main") == 1
    assert "<b>0 rows</b>" in page
    assert _ticked(page) == ["subject", "ticket_code"]
    assert "<main" not in part.content.decode()
    assert "<b>0 rows</b>" in part.content.decode()
    assert refused.status_code == 400
    assert "Mars/Base" in refused.content.decode()


@pytest.mark.parametrize(
    "junk", [{"junk": "a\x00b"}, {"mail": "\x00"}, {"view": "a\x00b"}, {"ju\x00nk": "a"}]
)
def test_what_no_database_stores_stops_no_export_and_is_not_remembered(
    junk: dict[str, str], ada: User
) -> None:
    answer = _client(ada).post(_address("start"), {**CHOSEN, "scope": "all", **junk})
    b"".join(answer)  # type: ignore[arg-type]

    assert answer.status_code == 200
    kept = dict(presets.last(ada, "tickets", ""))
    assert kept.keys() - {"junk"} == kept.keys()
    assert kept["format"] == "ndjson"
    assert _client(ada).get(_address("dialog"), {"view": "a\x00b"}).status_code == 200


def test_child_rows_are_offered_by_their_own_name(ada: User) -> None:
    page = _client(ada).get(_address("dialog")).content.decode()

    assert "Include comments" in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"is_open": "true"}, "Open: yes"),
        ({"f.is_open": "true"}, "Open: yes"),
        ({"search": "vpn", "is_open": ["true", "false"]}, "Open: yes, no"),
        ({"bogus": "1"}, "“bogus” is not a filter"),
        ({"created_from": "abc"}, "does not understand “abc”"),
        ({"view": "no such view"}, "no saved view named"),
    ],
)
def test_an_address_narrows_the_dialog_as_it_does_the_list(
    asked: dict[str, str], said: str, ada: User
) -> None:
    """D4: what is not understood is told, and never left out."""
    answer = _client(ada).get(_address("dialog"), asked)
    page = unescape(answer.content.decode())
    assert said in page
    for name, value in asked.items():
        if name.endswith("is_open"):
            for one in [value] if isinstance(value, str) else value:
                assert f'name="f.is_open" value="{one}"' in page
