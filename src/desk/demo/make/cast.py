"""Everybody and everything that demo tickets point at."""

from dataclasses import dataclass

from django.contrib.auth.hashers import make_password

from desk.assets.models import Asset
from desk.demo.load import names
from desk.demo.make.cases import Case
from desk.demo.make.dice import Dice
from desk.demo.make.language import Language
from desk.demo.make.phrases import LANGUAGES
from desk.demo.people import FOUR
from desk.people.models import Team, User
from desk.tickets.models import Contact, Priority, Status, Tag, TicketType

__all__ = ["SOURCE", "Cast", "assemble", "make_people"]

SOURCE = "demo"
TEAMS = ("Service desk", "Infrastructure", "Applications", "Workplace", "Security")
STATUSES = ("New", "Open", "In progress", "Waiting on customer", "Resolved", "Closed")
PRIORITIES = ("Low", "Normal", "High", "Urgent")
TYPES = ("Question", "Incident", "Problem", "Task")
AGENTS = 4  # of each team
REQUESTERS = 12  # of each language
CONTACTS = 8  # of each language
ORGANISATIONS = ("Halden Freight", "Orchard & Pike", "Nordlicht Optik", "Maison Verdier", "桜電機")


@dataclass(frozen=True, slots=True)
class Cast:
    """Ids by what they are; agents by team, requesters and contacts by language."""

    teams: tuple[int, ...]
    agents: tuple[tuple[int, ...], ...]
    requesters: tuple[tuple[int, ...], ...]
    contacts: tuple[tuple[int, ...], ...]
    statuses: dict[str, Status]
    priorities: tuple[int, ...]
    types: dict[str, int]
    tags: dict[str, int]
    assets: tuple[int, ...]


def assemble(cases: tuple[Case, ...], *, seed: int) -> Cast:
    """Find or make all of them."""
    make_people()
    teams = names.learn(Team, TEAMS)
    priorities = names.learn(Priority, PRIORITIES)
    assets = Asset.objects.filter(source=SOURCE).order_by("pk")
    return Cast(
        teams=tuple(teams[name] for name in TEAMS),
        agents=tuple(_agents_of(name) for name in TEAMS),
        requesters=tuple(_people_called(_requester_names(n)) for n in range(len(LANGUAGES))),
        contacts=tuple(
            _contacts(place, language, seed) for place, language in enumerate(LANGUAGES)
        ),
        statuses=names.learn_statuses(STATUSES),
        priorities=tuple(priorities[name] for name in PRIORITIES),
        types=names.learn(TicketType, TYPES),
        tags=names.learn(Tag, {tag for case in cases for tag in case.tags}),
        assets=tuple(assets.values_list("pk", flat=True)),
    )


def make_people() -> int:
    """Make the agents of each team and those who ask, none of whom can log in; give how many."""
    made = 0
    for place, team in enumerate(names.learn(Team, TEAMS).values()):
        for number in range(AGENTS):
            place_in_all = place * AGENTS + number
            language = LANGUAGES[place_in_all % len(LANGUAGES)]
            name = _full_name(language, REQUESTERS + place_in_all // len(LANGUAGES))
            person, new = _make_person(f"agent.{place_in_all + 1}", name, is_active=True)
            person.teams.add(team)
            made += new
    for place, language in enumerate(LANGUAGES):
        for number, username in enumerate(_requester_names(place)):
            made += _make_person(username, _full_name(language, number), is_active=False)[1]
    return made


def _make_person(username: str, name: str, *, is_active: bool) -> tuple[User, bool]:
    if found := User.objects.filter(username=username).first():
        return found, False
    person = User.objects.create(
        username=username,
        display_name=name,
        email=f"{username}@desk.example",
        password=make_password(None),
        is_active=is_active,
    )
    return person, True


def _full_name(language: Language, number: int) -> str:
    """Give another name for each number, until every given name met every family name."""
    turn, place = divmod(number, len(language.given))
    family = language.family[(place + turn) % len(language.family)]
    return language.full_name.format(given=language.given[place], family=family)


def _requester_names(language: int) -> list[str]:
    return [f"person.{language * REQUESTERS + number + 1}" for number in range(REQUESTERS)]


def _agents_of(team: str) -> tuple[int, ...]:
    """Give the team's agents; of the four, those who belong to it come twice."""
    people = User.objects.filter(teams__name=team, is_active=True).order_by("username")
    ours = people.filter(username__startswith="agent.") | people.filter(username__in=FOUR)
    both = [*ours, *(person for person in ours if person.username in FOUR)]
    return tuple(person.pk for person in both)


def _people_called(usernames: list[str]) -> tuple[int, ...]:
    people = User.objects.filter(username__in=usernames).order_by("username")
    return tuple(people.values_list("pk", flat=True))


def _contacts(place: int, language: Language, seed: int) -> tuple[int, ...]:
    wanted = [f"contact.{place * CONTACTS + number + 1}@example.com" for number in range(CONTACTS)]
    found = dict(Contact.objects.filter(email__in=wanted).values_list("email", "pk"))
    for number, email in enumerate(wanted):
        if email not in found:
            dice = Dice(seed, (place << 16) + number)
            found[email] = Contact.objects.create(
                name=_full_name(language, REQUESTERS + AGENTS + number),
                email=email,
                phone=f"+49 30 555{dice.roll(9000) + 1000}",
                organisation=dice.pick(ORGANISATIONS),
            ).pk
    return tuple(found[email] for email in wanted)
