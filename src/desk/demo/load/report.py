"""What a load did, told at the end."""

from collections.abc import Sequence
from dataclasses import dataclass, field

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

    def read(self, told: "Report") -> None:
        """Take over what was told by who read the file."""
        self.bad += told.bad
        self.broken_after = told.broken_after
        self.notes.counts |= told.notes.counts
        self.notes.lines |= told.notes.lines

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
