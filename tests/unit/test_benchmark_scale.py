"""The cost curve: its points, its lines, and what is worked out from them on paper."""

import re
from pathlib import Path

import pytest

from benchmarks import charts, paper, scale
from tests.architecture.sources import ROOT

PAGE = ROOT / "docs/explanation/what-it-costs.md"


def test_a_line_is_found_again_from_points_on_it() -> None:
    line = scale.fitted([(x, 0.5 + 2 * x) for x in (1, 10, 100, 1_000)])

    assert (line.fixed, line.each) == (pytest.approx(0.5), pytest.approx(2))
    assert line.at(50) == pytest.approx(100.5)


def test_small_sizes_count_as_much_as_large_ones() -> None:
    """An error of a tenth weighs the same at both ends."""
    line = scale.fitted([(1, 1.0), (10, 10.0), (1_000, 1_100.0)])

    assert line.at(1) == pytest.approx(1, rel=0.1)


def test_one_thing_grows_at_a_time() -> None:
    curves = scale.cases(10_000_000, columns=[5, 50], texts=[100, 10_000])

    assert list(curves["rows"]) == [10_000, 100_000, 1_000_000, 10_000_000]
    for name, curve in curves.items():
        varied = {key for spec in curve.values() for key, value in spec.items()
                  if {one[key] for one in curve.values()} != {value}}  # fmt: skip
        assert varied == {{"bytes of text": "text"}.get(name, name)}


@pytest.mark.parametrize("words", [("--columns", "5", "5"), ("--text", "7"), ("--rows", "1")])
def test_one_size_is_no_line(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["scale", *words])

    with pytest.raises(SystemExit, match="2"):
        scale.main()

    assert f"error: {words[0]} takes " in capsys.readouterr().err


def test_the_paper_goes_to_a_billion_rows_and_ten_thousand_exports_a_day() -> None:
    seconds, megabytes = scale.Line(0.1, 2e-6), scale.Line(0, 2e-4)

    assert " 1,000,000,000 | 2,000.1 | 200.0 |" in paper.far(seconds, megabytes)
    assert re.search(r"\| +1,000,000 \| +5\.833 \| +0\.243 \| +6\.000 \|",
                     paper.days(seconds, megabytes))  # fmt: skip


def test_the_text_goes_between_the_marks_of_a_page(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{paper.BEGIN}\nold\n{paper.END}\nafter\n")

    paper.write(page, "new")

    assert page.read_text() == f"before\n{paper.BEGIN}\nnew\n{paper.END}\nafter\n"


def test_a_page_without_marks_is_not_written_to(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("mine")

    with pytest.raises(SystemExit, match="has no"):
        paper.write(page, "new")


def test_a_chart_has_a_bar_for_each_size(tmp_path: Path) -> None:
    charts.curve("bytes of text", {100: 0.5, 1_000: 1.25}, tmp_path)

    drawn = (tmp_path / "scale-bytes-of-text.svg").read_text()
    assert drawn.count("<rect") == 3  # the ground is one
    assert ">1,000 bytes of text<" in drawn
    assert ">1.25<" in drawn


def test_ten_million_rows_cost_no_more_than_their_number() -> None:
    """The page's own numbers: at most 10.5 times the seconds of a million, and no more memory."""
    rows = dict(re.findall(r"^\| rows +\| +([\d,]+) \| +(.+) \|$", PAGE.read_text(), re.MULTILINE))
    million, ten = (
        [float(cell.replace(",", "")) for cell in rows[name].split("|")]
        for name in ("1,000,000", "10,000,000")
    )

    assert ten[0] <= 10.5 * million[0]
    assert ten[2] <= million[2] + 5
