"""What the tests say of themselves: the promises (`G5`) and cases (`FAULTS 21 to 24`) they try."""

import re
from collections import defaultdict
from functools import cache

from tests.architecture.sources import ROOT, modules

__all__ = ["CASES", "PROMISES", "labelled"]

PROMISES, CASES = range(1, 24), range(1, 111)
NUMBERS = r"\d+(?:(?:, | and | to )\d+)*"
CASE = re.compile(rf"\bFAULTS ({NUMBERS})")
PROMISE = re.compile(r"\bG\d+(?:(?:, | and | to )G\d+)*")


@cache
def labelled() -> dict[str, set[str]]:
    """Give the files under tests/ that name each promise and case: `{"G5": {...}, "21": {...}}`."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in modules("tests"):
        if file.name.startswith("test_"):
            text = (ROOT / file).read_text()
            names = [str(n) for one in CASE.findall(text) for n in spelled(one)]
            names += [f"G{n}" for one in PROMISE.findall(text) for n in spelled(one)]
            for name in names:
                found[name].add(str(file.relative_to("tests")))
    return found


def spelled(text: str) -> list[int]:
    """Give the numbers of a list in words: `1, 3 and 5 to 7`."""
    numbers: list[int] = []
    for joint, number in re.findall(r"(to )?G?(\d+)", text):
        numbers += range(numbers[-1] + 1, int(number) + 1) if joint else [int(number)]
    return numbers
