"""What a load did, told at the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from desk.demo.load.values import Notes

__all__ = ["Report"]


@dataclass(slots=True)
class Report:
    """Counts of rows, what was changed on the way in, and what was left out."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    comments: int = 0
    bad: list[tuple[int, str]] = field(default_factory=list)
    renamed: list[tuple[int, str, str]] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)
    broken_after: int | None = None

    @property
    def complete(self) -> bool:
        """Say whether every line of the file was loaded."""
        return not self.bad and self.broken_after is None

    def told(self) -> dict[str, Any]:
        """Give what whoever reads a file knows of it, for `read`."""
        notes = {"counts": self.notes.counts, "lines": self.notes.lines}
        return {"bad": self.bad, "broken_after": self.broken_after, **notes}

    def read(
        self,
        *,
        bad: Sequence[tuple[int, str]],
        broken_after: int | None,
        counts: Mapping[str, int],
        lines: Mapping[str, list[int]],
    ) -> None:
        """Take over what was told by who read the file."""
        self.bad += [(line, reason) for line, reason in bad]
        self.broken_after = broken_after
        self.notes.counts |= counts
        self.notes.lines |= lines

    def note_codes(self, wanted: Sequence[tuple[int, str]], given: Sequence[str]) -> None:
        """Keep which codes got a suffix; `wanted` are pairs of line and code."""
        self.renamed += [
            (line, old, new) for (line, old), new in zip(wanted, given, strict=True) if old != new
        ]

    def problems(self) -> list[str]:
        """Give a sentence for each line that was left out."""
        lines = [f"line {number}: {reason}" for number, reason in self.bad]
        if self.broken_after is not None:
            lines.append(
                f"The file is damaged or ends early: line {self.broken_after} was its last."
            )
        return lines

    def remarks(self) -> list[str]:
        """Give a sentence for each thing that was changed on the way in."""
        return [
            f"{what}: {count:,} (line {', '.join(map(str, self.notes.lines[what]))}"
            f"{', ...' if count > len(self.notes.lines[what]) else ''})"
            for what, count in self.notes.counts.items()
        ]

    def renamings(self) -> list[str]:
        """Give a sentence for each code that got a suffix."""
        return [f"line {line}: {old} is taken, stored as {new}" for line, old, new in self.renamed]
