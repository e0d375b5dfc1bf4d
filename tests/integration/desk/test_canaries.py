"""What a person may not list is in no file of theirs, whatever they export (G15)."""

import io
import zipfile
from itertools import product
from typing import Any

import pytest

from desk.assets.models import Asset
from desk.people.models import Role, Team, User
from desk.tickets.models import Comment, Contact, Status, Tag, Ticket
from desk.views.models import SavedView, Subject
from waybill import exports
from waybill.values import ExportRequest, Options

pytestmark = pytest.mark.django_db(transaction=True)

FORMATS = ("csv", "ndjson", "json")


def planted(team: Team, *, mine: User | None = None) -> Ticket:
    """Make a ticket of a team whose every text is a canary of that team."""
    word = f"canary-{team.name}"
    ticket = Ticket.objects.create(
        ticket_code=f"{word}-code",
        subject=f"{word}-subject",
        description=f"{word}-description",
        status=Status.objects.filter(is_open=True).first(),
        team=team,
        contact=Contact.objects.create(name=f"{word}-contact", email=f"{word}@desk.example"),
        assigned_to=mine,
    )
    ticket.tags.add(Tag.objects.create(name=f"{word}-tag"))
    ticket.assets.add(Asset.objects.create(name="any", asset_tag=f"{word}-asset"))
    Comment.objects.create(ticket=ticket, body=f"{word}-comment", is_internal=True)
    return ticket


@pytest.fixture
def agents(ben: User, dan: User, exporters: Role) -> dict[str, User]:
    """Two agents who may export, each of a team with tickets of its own."""
    people = {"north": ben, "south": dan}
    dan.roles.add(exporters)
    for name, person in people.items():
        team = Team.objects.create(name=name)
        person.teams.add(team)
        planted(team)
        planted(Team.objects.create(name=f"{name}-only"), mine=person)
    return people


def written(by: User | None, **asked: Any) -> str:
    """Give the text of an export with its conversation, every column in it."""
    out = io.BytesIO()
    request = ExportRequest(resource="tickets", options=Options(children=True), **asked)
    exports.write(exports.planned(request, by=by), out)
    if not zipfile.is_zipfile(out):
        return out.getvalue().decode()
    with zipfile.ZipFile(out) as both:
        return "".join(both.read(name).decode() for name in both.namelist())


def test_every_view_of_every_agent_is_free_of_what_the_other_has(agents: dict[str, User]) -> None:
    views = SavedView.objects.filter(subject=Subject.TICKETS).values_list("name", flat=True)
    assert len(views) >= 6
    seen = ""
    for (name, person), view, fmt in product(agents.items(), [None, *views], FORMATS):
        (other,) = set(agents) - {name}
        text = written(person, view=view, format=fmt)
        seen += text
        assert f"canary-{other}" not in text, (name, view, fmt)
    for name in agents:
        assert f"canary-{name}-comment" in seen
        assert f"canary-{name}-only-subject" in seen


def test_the_other_ones_words_find_nothing(agents: dict[str, User]) -> None:
    """Neither by a search nor by a filter: not even that there is something."""
    for ask in ({"search": "canary-south"}, {"filters": {"tag": "canary-south-tag"}}):
        assert "canary-south" not in written(agents["north"], **ask)
        assert "canary-south" in written(None, **ask)
