"""What the made-up people of one language are called and say."""

from dataclasses import dataclass

__all__ = ["Language", "Topic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One sort of trouble. `{n}` in a text stands for a number."""

    type: str
    tags: tuple[str, ...]
    subjects: tuple[str, ...]
    texts: tuple[str, ...]
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Language:
    """Names, and the sentences that fit every topic. `weight` is its share of the tickets."""

    weight: int
    given: tuple[str, ...]
    family: tuple[str, ...]
    full_name: str = "{given} {family}"
    greetings: tuple[str, ...]
    details: tuple[str, ...]
    closings: tuple[str, ...]
    questions: tuple[str, ...]
    replies: tuple[str, ...]
    notes: tuple[str, ...]
    thanks: tuple[str, ...]
    topics: tuple[Topic, ...]
