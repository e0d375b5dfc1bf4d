"""Conversations put together from phrases: the stock that tickets are drawn from."""

from dataclasses import dataclass

from desk.demo.make.dice import Dice
from desk.demo.make.language import Language, Topic
from desk.demo.make.phrases import LANGUAGES

__all__ = ["HOSTILE", "Case", "Line", "make_cases"]

SPOKEN = tuple(language for language in LANGUAGES for _ in range(language.weight))
HOSTILE_EVERY = 125

# What spreadsheets and careless readers trip over; nothing in it does harm anywhere.
HOSTILE = (
    "=1+1",
    '=HYPERLINK("http://example.invalid/","Invoice")',
    "+49 30 1234567",
    "-2+3+SUM(A1:A9)",
    "@SUM(1,2)",
    "＝1+1",
    "00123",
    "1234567890123456789",
    "1e5",
    "TRUE",
    "'quoted",
    '"quoted", and; more',
    "tab\there",
    "\t=1+1",
    "two\r\nlines",
    "line\u2028separator",
    "\\N",
    " leading and trailing ",
    "sep=;",
    "_x0041_",
    "👩🏽‍💻 ﷽ Z̷a̷l̷g̷o̷",
    "\u202eright to left\u202c",
    "<script>alert(1)</script>",
    "NULL",
    "2021-02-30",
)


@dataclass(frozen=True, slots=True)
class Line:
    """Something said after the ticket was made."""

    body: str
    by_agent: bool
    is_internal: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """What one ticket is about, and how the talk about it goes."""

    language: int
    type: str
    tags: tuple[str, ...]
    subject: str
    description: str
    lines: tuple[Line, ...]


def make_cases(count: int, *, seed: int) -> tuple[Case, ...]:
    """Make that many; equal for an equal seed."""
    return tuple(_case(Dice(seed, place), place) for place in range(count))


def _case(dice: Dice, place: int) -> Case:
    language = dice.pick(SPOKEN)
    topic = dice.pick(language.topics)
    subject = dice.pick(topic.subjects).format(n=2 + dice.roll(28))
    description = _description(dice, language, topic)
    if place % HOSTILE_EVERY == 0:
        text = HOSTILE[place // HOSTILE_EVERY % len(HOSTILE)]
        subject, description = (text, description) if dice.roll(2) else (subject, text)
    return Case(
        language=LANGUAGES.index(language),
        type=topic.type,
        tags=topic.tags[: dice.roll(len(topic.tags) + 1)],
        subject=subject,
        description=description,
        lines=_lines(dice, language, topic),
    )


def _description(dice: Dice, language: Language, topic: Topic) -> str:
    first = dice.roll(len(language.details))
    details = [language.details[first]]
    if dice.roll(3) == 0:
        details.append(language.details[first - 1])
    said = " ".join([dice.pick(topic.texts), *details])
    said = said[0].upper() + said[1:]
    parts = [dice.pick(language.greetings), said, dice.pick(language.closings)]
    return "\n".join(part for part in parts if part).format(n=100 + dice.roll(900))


def _lines(dice: Dice, language: Language, topic: Topic) -> tuple[Line, ...]:
    """Make a talk: of none (35 in 100), one (35), three (18) or five (12) lines."""
    chance = dice.roll(100)
    number = 100 + dice.roll(900)
    question = Line(dice.pick(language.questions).format(n=number), by_agent=True)
    reply = Line(dice.pick(language.replies).format(n=number), by_agent=False)
    note = Line(dice.pick(language.notes).format(n=number), by_agent=True, is_internal=True)
    answer = Line(dice.pick(topic.answers).format(n=number), by_agent=True)
    thanks = Line(dice.pick(language.thanks), by_agent=False)
    if chance < 35:
        return ()
    if chance < 70:
        return (answer,)
    if chance < 88:
        return (question, reply, answer)
    return (question, reply, note, answer, thanks)
