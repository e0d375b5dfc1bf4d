"""The pages of the documentation, as the tests read them."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.architecture.sources import ROOT, tracked

__all__ = ["Block", "blocks", "pages", "slugs", "table_names"]

FENCE = re.compile(
    r"^(?P<indent> *)```(?P<kind>\S*)\n(?P<text>.*?)^ *```$", re.MULTILINE | re.DOTALL
)
HEADING = re.compile(r"^#+ +(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block of a page: where it stands, what kind it is, what it says."""

    page: Path
    line: int
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


@cache
def pages() -> tuple[Path, ...]:
    """Give every page in Markdown, relative to the root."""
    return tuple(file for file in tracked() if file.suffix == ".md")


def blocks(*kinds: str) -> list[Block]:
    """Give the fenced blocks of some kinds in all pages."""
    found = []
    for page in pages():
        text = (ROOT / page).read_text()
        for match in FENCE.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            inner = re.sub(rf"^{match['indent']}", "", match["text"], flags=re.MULTILINE)
            found.append(Block(page=page, line=line, kind=match["kind"], text=inner))
    return [block for block in found if block.kind in kinds]


def slugs(page: Path) -> set[str]:
    """Give the anchors that the headings of a page make."""
    headings = HEADING.findall(FENCE.sub("", (ROOT / page).read_text()))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def table_names(page: str) -> set[str]:
    """Give what stands in backticks, or plain, in the first column of a page's tables."""
    rows = re.findall(r"^\| *`?([^|`]+?)`? *\|", (ROOT / page).read_text(), re.MULTILINE)
    return {row for row in rows if not set(row) <= set("-: ")}
