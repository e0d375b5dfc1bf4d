"""The tables of `make bench`."""

import re
from pathlib import Path

import pytest

from benchmarks import frame, run
from tests.architecture.sources import ROOT


def test_ways_take_turns() -> None:
    seen: list[str] = []
    ways = {"a": lambda: seen.append("a"), "b": lambda: seen.append("b")}

    medians = frame.interleaved(ways, rounds=2)

    assert seen == ["a", "b", "a", "b"]
    assert set(medians) == {"a", "b"}


def test_a_table_is_markdown_with_numbers_to_the_right() -> None:
    shown = frame.table(("way", "rows", "s"), [("copy", 1_000_000, 3.25), ("pages", 5, 12.0)])

    assert shown.splitlines() == [
        "| way   |      rows |     s |",
        "| ----- | --------: | ----: |",
        "| copy  | 1,000,000 | 3.250 |",
        "| pages |         5 |  12.0 |",
    ]


def test_a_benchmark_is_every_file_with_a_main() -> None:
    assert {"start", "portable"} <= set(run.names())
    assert not {"frame", "run", "turns", "ways"} & set(run.names())


def test_a_table_replaces_the_one_before_it_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- exports -->\nold\n<!-- /exports -->\nafter\n")

    frame.put("new", "exports", page)
    frame.put("newer", "exports", page)

    assert page.read_text() == "before\n<!-- exports -->\n\nnewer\n\n<!-- /exports -->\nafter\n"
    with pytest.raises(SystemExit, match="no marks <!-- lists -->"):
        frame.put("new", "lists", page)


def test_the_pages_that_make_numbers_fills_have_their_marks() -> None:
    recipe = (ROOT / "Makefile").read_text().partition("benchmarks.exports")[2].partition("\n")[0]
    pages = re.findall(r"--into (\S+)", recipe)

    assert len(pages) == 2
    for page in pages:
        assert re.search(
            "<!-- exports -->.+<!-- /exports -->", (ROOT / page).read_text(), re.DOTALL
        )
