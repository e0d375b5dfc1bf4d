"""Rows of demo tickets, in the text form of COPY, so that nothing of them is looked at again."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

from desk.demo.load.bulk import escaped
from desk.demo.make.calendar import BUSY_HOUR, Calendar
from desk.demo.make.cases import HOSTILE, Case, Line
from desk.demo.make.cast import SOURCE, Cast
from desk.demo.make.dice import Dice
from desk.history import CREATED

__all__ = ["COLUMNS", "Block", "TicketWriter"]

COLUMNS = {
    "tickets": (
        "id",
        "ticket_code",
        "subject",
        "description",
        "status_id",
        "priority_id",
        "type_id",
        "assigned_to_id",
        "created_by_id",
        "team_id",
        "contact_id",
        "is_open",
        "is_resolved",
        "created_at",
        "due_date",
        "updated_at",
        "source",
        "external_id",
    ),
    "comments": ("ticket_id", "author_id", "body", "is_internal", "created_at"),
    "tags": ("ticket_id", "tag_id"),
    "assets": ("ticket_id", "asset_id"),
    "changes": ("ticket_id", "actor_id", "at", "field", "old", "new"),
}
NONE = r"\N"
DAY = 86_400  # seconds
CLOSED_AFTER = 5 * DAY
TOLD_FOR = 60 * DAY  # older tickets have no lines of history
# Of 100 tickets: low, normal, high, urgent; and the busy hours until each is due.
PRIORITIES = (0,) * 25 + (1,) * 50 + (2,) * 18 + (3,) * 7
DUE = (None, 60, 24, 6)
STALE = 3  # of 100: nobody comes back to them
NOBODYS = 45  # of 100 that no agent has answered yet
FROM_OUTSIDE = 30
WITH_ASSET = 10
WITH_ROOM = 50


@dataclass(slots=True)
class Block:
    """Lines for one COPY into each table."""

    tickets: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    assets: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Talk:
    """How far a ticket got: what was said and when, and the state it left."""

    said: list[tuple[Line, int]]
    status: str
    updated_at: int


class TicketWriter:
    """Writes the lines of one ticket after the other; equal for an equal seed and number."""

    def __init__(
        self, cases: tuple[Case, ...], cast: Cast, calendar: Calendar, *, seed: int
    ) -> None:
        self._cases = cases
        self._texts = [(_subject(case), escaped(case.description)) for case in cases]
        self._bodies = {line: escaped(line.body) for case in cases for line in case.lines}
        self._cast = cast
        self._calendar = calendar
        self._seed = seed

    def write(self, block: Block, *, pk: int, code: str, number: int, amount: float) -> None:
        """Add the lines of ticket `number`, made when that `amount` had happened at the desk."""
        dice = Dice(self._seed, number)
        place = dice.roll(len(self._cases))
        case, cast = self._cases[place], self._cast
        team = dice.roll(len(cast.teams))
        agent = dice.pick(cast.agents[team])
        requester = dice.pick(cast.requesters[case.language])
        priority = PRIORITIES[dice.roll(100)]
        made = self._calendar.moment(amount)
        talk = self._talk(case, dice, amount, made)
        status = cast.statuses[talk.status]
        answered = any(line.by_agent for line, _at in talk.said)
        held = answered or not status.is_open or dice.roll(100) >= NOBODYS
        subject, description = self._texts[place]
        if dice.roll(100) < WITH_ROOM and subject:
            subject = subject.format(f" ({'ABCDEF'[dice.roll(6)]}{100 + dice.roll(480)})")
        else:
            subject = subject.format("")
        contact = dice.pick(cast.contacts[case.language])
        outside = dice.roll(100) < FROM_OUTSIDE
        block.tickets.append(
            f"{pk}\t{code}\t{subject}\t{description}\t{status.pk}\t{cast.priorities[priority]}"
            f"\t{cast.types[case.type]}\t{agent if held else NONE}\t{requester}"
            f"\t{cast.teams[team]}\t{contact if outside else NONE}"
            f"\t{status.is_open}\t{status.is_resolved}\t{_stamp(made)}"
            f"\t{self._due(amount, priority)}\t{_stamp(talk.updated_at)}"
            f"\t{SOURCE}\t{number}"
        )
        self._write_around(block, pk, case, talk, (agent, requester), made)
        if cast.assets and dice.roll(100) < WITH_ASSET:
            block.assets.append(f"{pk}\t{dice.pick(cast.assets)}")

    def _write_around(
        self, block: Block, pk: int, case: Case, talk: _Talk, people: tuple[int, int], made: int
    ) -> None:
        agent, requester = people
        for line, at in talk.said:
            author = agent if line.by_agent else requester
            body = self._bodies[line]
            block.comments.append(f"{pk}\t{author}\t{body}\t{line.is_internal}\t{_stamp(at)}")
        for tag in case.tags:
            block.tags.append(f"{pk}\t{self._cast.tags[tag]}")
        if talk.updated_at < self._calendar.ends - TOLD_FOR:
            return
        block.changes.append(f"{pk}\t{requester}\t{_stamp(made)}\t{CREATED}\t{NONE}\t{NONE}")
        if talk.status in {"Resolved", "Closed"}:
            closed = _stamp(talk.updated_at)
            block.changes.append(f"{pk}\t{agent}\t{closed}\tstatus\tOpen\t{talk.status}")

    def _talk(self, case: Case, dice: Dice, amount: float, made: int) -> _Talk:
        calendar = self._calendar
        said: list[tuple[Line, int]] = []
        lines = case.lines
        stale = dice.roll(100) < STALE
        if stale:
            lines = lines[: dice.roll(len(lines) + 1)]
        for line in lines:
            amount += BUSY_HOUR * (1 + dice.roll(160)) / 10
            if amount >= calendar.whole:
                return self._unfinished(said, made)
            said.append((line, calendar.moment(amount)))
        amount += BUSY_HOUR * (1 + dice.roll(240)) / 10
        if stale or amount >= calendar.whole:
            return self._unfinished(said, made)
        done = calendar.moment(amount)
        status = "Closed" if done < calendar.ends - CLOSED_AFTER else "Resolved"
        return _Talk(said, status, done)

    def _unfinished(self, said: list[tuple[Line, int]], made: int) -> _Talk:
        if not said:
            return _Talk(said, "New" if made > self._calendar.ends - DAY else "Open", made)
        line, at = said[-1]
        return _Talk(said, "Waiting on customer" if line.by_agent else "In progress", at)

    def _due(self, amount: float, priority: int) -> str:
        hours = DUE[priority]
        if hours is None:
            return NONE
        return _stamp(self._calendar.moment(amount + BUSY_HOUR * hours))


def _subject(case: Case) -> str:
    """Leave a place for the room behind a subject, unless the text is meant to stay as it is."""
    text = escaped(case.subject).replace("{", "{{").replace("}", "}}")
    return text if case.subject in HOSTILE else text + "{}"


def _stamp(second: int) -> str:
    day, second = divmod(second, DAY)
    return f"{_day(day)} {_time_of_day(second)}"


@cache
def _day(day: int) -> str:
    return f"{datetime.fromtimestamp(day * DAY, UTC):%Y-%m-%d}"


@cache
def _time_of_day(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}+00"
