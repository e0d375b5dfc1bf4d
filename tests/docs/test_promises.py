"""The page of promises names every promise and every case, with tests that really try it."""

import re

from tests.architecture.sources import ROOT
from tests.docs.labels import CASES, PROMISES, labelled, spelled

ROW = re.compile(r"^\| (G?\d+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
OPEN = "open: "


def told() -> dict[str, str]:
    """Give what stands behind each number on the page."""
    found = ROW.findall((ROOT / "docs/reference/promises.md").read_text())
    assert len({number for number, _, _ in found}) == len(found)
    return {number: tests for number, _, tests in found}


def test_the_page_has_every_promise_and_every_case_in_order() -> None:
    assert list(told()) == [f"G{n}" for n in PROMISES] + [str(n) for n in CASES]


def test_every_test_that_is_named_says_that_it_tries_this() -> None:
    wrong = [
        f"{number}: {file} does not name it"
        for number, tests in told().items()
        for file in re.findall(r"`([^`]+)`", tests)
        if file not in labelled()[number]
    ]

    assert wrong == []


def test_what_has_no_test_is_open_and_says_why() -> None:
    silent = [number for number, tests in told().items() if "`" not in tests]

    assert [n for n in silent if not re.fullmatch(OPEN + r"\w.{10,}", told()[n])] == []


def test_labels_name_what_there_is() -> None:
    known = {f"G{n}" for n in PROMISES} | {str(n) for n in CASES}

    assert set(labelled()) - known == set()
    assert spelled("1, 3 and 5 to 7") == [1, 3, 5, 6, 7]
