"""Nothing of one machine, and nothing left open, stands in the project."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT, tracked

TEXTS = [
    file
    for file in tracked()
    if file.suffix not in {".png", ".webp", ".ico", ".mo", ".gz", ".woff2"}
]

# Written in pieces, so that this file does not hold what it looks for.
HOSTS = re.compile(
    "|".join(
        ["py" + r"pi\.org", "python" + r"hosted", "npm" + r"js\.(org|com)", "deb" + r"\.debian"]
    )
)
MACHINE_PATHS = re.compile(r"(^|[^A-Za-z0-9_.])/(wor" + "k|far" + "m|roo" + "t)/")
LEFT_OPEN = re.compile(r"\b(TO" + "DO|FIX" + "ME|XX" + r"X)\b")


def _places(pattern: re.Pattern[str], files: list[Path]) -> list[str]:
    return [
        f"{file}:{number}"
        for file in files
        for number, line in enumerate((ROOT / file).read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


@pytest.mark.parametrize(
    "pattern", [HOSTS, MACHINE_PATHS], ids=["package registries", "machine paths"]
)
def test_no_file_names_a_host_or_a_path_of_one_place(pattern: re.Pattern[str]) -> None:
    assert _places(pattern, TEXTS) == []


def test_nothing_is_left_open_in_the_code() -> None:
    code = [file for file in TEXTS if file.suffix in {".py", ".html", ".css", ".js"}]

    assert _places(LEFT_OPEN, code) == []


def test_every_locked_requirement_carries_its_hashes() -> None:
    for name in ("run", "dev", "mysql", "uv"):
        text = (ROOT / f"requirements/{name}.txt").read_text().replace("\\\n", " ")
        pinned = [line for line in text.splitlines() if re.match(r"[a-zA-Z0-9]", line)]

        assert pinned
        assert [line.split()[0] for line in pinned if "--hash=sha256:" not in line] == []
