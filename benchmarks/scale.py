"""What an export costs as it grows: `python -m benchmarks.scale [--rows 10000000] [--page FILE]`.

One thing grows at a time: rows, columns, the bytes of a text, workers that export at once. A line
is fitted to each by least squares, and carried on paper to sizes that nobody waits for. `--page`
writes tables and charts into a page, between its two marks. Each run is a process of its own.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import charts, frame, paper, scale_rows

__all__ = ["Line", "cases", "fitted", "main"]

COLUMNS, TEXT = 10, 100
WORKERS = (1, 2, 3, 4)
HEAD = ("what grows", "size", "s", "us a row", "memory + MB", "file MB")

type Found = dict[str, dict[int, dict[str, float]]]  # what a curve's points took, by their size


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line: what nothing costs, and what each more costs."""

    fixed: float
    each: float

    def at(self, size: float) -> float:
        """Give the value at a size."""
        return self.fixed + self.each * size


def fitted(points: Sequence[tuple[float, float]]) -> Line:
    """Fit a line by least squares of the relative errors, so that small sizes count like large."""
    weights = [1 / y**2 for _x, y in points]
    whole = sum(weights)
    x0 = sum(w * x for w, (x, _y) in zip(weights, points, strict=True)) / whole
    y0 = sum(w * y for w, (_x, y) in zip(weights, points, strict=True)) / whole
    both = sum(w * (x - x0) * (y - y0) for w, (x, y) in zip(weights, points, strict=True))
    each = both / sum(w * (x - x0) ** 2 for w, (x, _y) in zip(weights, points, strict=True))
    return Line(y0 - each * x0, each)


def cases(
    most: int, *, columns: Sequence[int], texts: Sequence[int]
) -> dict[str, dict[int, dict[str, int]]]:
    """Give each curve's points: rows over three powers of ten, the others at a hundredth."""
    some = max(1, most // 100)
    return {
        "rows": {
            rows: _spec(rows=rows)
            for rows in sorted({max(1, most // part) for part in (1000, 100, 10, 1)})
        },
        "columns": {many: _spec(rows=some, columns=many) for many in columns},
        "bytes of text": {long: _spec(rows=some, text=long) for long in texts},
    }


def main() -> None:
    """Fill the tables, measure every point, fit, and print or write what came of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000, help="the most rows of one export")
    parser.add_argument("--columns", type=int, nargs="+", default=[5, 10, 20, 50])
    parser.add_argument("--text", type=int, nargs="+", default=[100, 1_000, 10_000])
    parser.add_argument("--workers", type=int, nargs="+", default=list(WORKERS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--charts", type=Path, help="a folder for a chart of each curve")
    parser.add_argument("--page", type=Path, help="a page to write the tables into")
    given = parser.parse_args()
    if given.rows < 2:
        parser.error("--rows takes 2 or more: a line goes through several sizes")
    for option in ("columns", "text"):
        if len(set(getattr(given, option))) < 2:
            parser.error(f"--{option} takes two sizes or more: a line goes through them")
    wanted = cases(given.rows, columns=given.columns, texts=given.text)
    with frame.database() as url:
        found = _measured(url, wanted, rounds=given.rounds)
        found["workers"] = _together(url, _spec(rows=max(1, given.rows // 10)), given.workers)
    if given.charts:
        for name, curve in found.items():
            charts.curve(name, {size: one["seconds"] for size, one in curve.items()}, given.charts)
    if given.json:
        print(json.dumps({"machine": frame.machine(), "curves": found}))
        return
    text = _text(found)
    if given.page:
        paper.write(given.page, text)
    print(text)


def _spec(*, rows: int, columns: int = COLUMNS, text: int = TEXT) -> dict[str, int]:
    return {"rows": rows, "columns": columns, "text": text}


def _measured(
    url: str, wanted: Mapping[str, Mapping[int, dict[str, int]]], *, rounds: int
) -> Found:
    """Run every point so often, and give the medians."""
    specs = [spec for curve in wanted.values() for spec in curve.values()]
    for spec in sorted(specs, key=lambda one: -one["rows"]):
        scale_rows.fill(url, spec)
    runs = [
        {name: {size: _at_once(url, [spec])[0] for size, spec in curve.items()}
         for name, curve in wanted.items()}
        for _round in range(rounds)
    ]  # fmt: skip
    return {
        name: {size: _median([run[name][size] for run in runs]) for size in curve}
        for name, curve in wanted.items()
    }


def _together(url: str, spec: dict[str, int], workers: Sequence[int]) -> dict[int, dict[str, Any]]:
    """Let so many processes write the same export at once; seconds are until the last is done."""
    found = {}
    scale_rows.fill(url, spec)
    for many in workers:
        took = _at_once(url, [spec] * many)
        whole = max(one["ended"] for one in took) - min(one["began"] for one in took)
        sums = {key: sum(one[key] for one in took) for key in ("cpu", "growth", "megabytes")}
        found[many] = {"rows": spec["rows"] * many, "seconds": whole, **sums}
    return found


def _at_once(url: str, specs: Sequence[dict[str, int]]) -> list[dict[str, float]]:
    """Run exports in processes of their own that begin together."""
    started = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.scale_rows", json.dumps(spec)],
            env={**os.environ, "DATABASE_URL": url},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for spec in specs
    ]
    for one in started:
        if one.stdout is None or one.stdout.readline() != "ready\n":
            raise SystemExit("an export of the benchmark did not start")
    for one in started:
        if one.stdin is not None:
            one.stdin.write("go\n")
            one.stdin.flush()
    told = [json.loads(one.communicate()[0]) for one in started]
    return [{"rows": spec["rows"], **took} for spec, took in zip(specs, told, strict=True)]


def _median(several: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {key: statistics.median(one[key] for one in several) for key in several[0]}


def _text(found: Found) -> str:
    """Set the tables: what was measured, the lines through it, and both carried on on paper."""
    rows = [
        (name, size, one["seconds"], one["seconds"] / one["rows"] * 1e6, one["growth"],
         one["megabytes"])
        for name, curve in found.items()
        for size, one in curve.items()
    ]  # fmt: skip
    by_rows = found["rows"]
    seconds = fitted([(size, one["seconds"]) for size, one in by_rows.items()])
    size = fitted([(size, one["megabytes"]) for size, one in by_rows.items()])
    lines = [
        (name, *_shown(fitted([(at, one["seconds"] / one["rows"] * 1e6) for at, one in c.items()])))
        for name, c in found.items()
        if name not in {"rows", "workers"}
    ]
    costs = (seconds.fixed, seconds.each * 1e6)
    return "\n\n".join(
        [
            frame.table(HEAD, rows),
            f"Seconds are {costs[0]:.2f} and {costs[1]:.2f} for each million rows.",
            frame.table(("us a row by", "with none", "for each"), lines),
            paper.far(seconds, size),
            paper.days(seconds, size),
            _about(max(by_rows)),
        ]
    )


def _about(most: int) -> str:
    return (
        f"{COLUMNS} columns and {TEXT} bytes of text where another thing grows; columns and texts "
        f"over {max(1, most // 100):,} rows; each worker writes {max(1, most // 10):,} rows. "
        f"{frame.machine()}"
    )


def _shown(line: Line) -> tuple[float, float]:
    return (line.fixed, line.each)


if __name__ == "__main__":
    main()
