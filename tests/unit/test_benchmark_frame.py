"""The tables of `make bench`."""

from benchmarks import frame, run


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
