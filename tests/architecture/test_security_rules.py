"""The rules of security that the linter holds (bandit's, as ruff's S), and their exceptions."""

import re
import tomllib

from tests.architecture.sources import ROOT, modules, tracked

EXCEPTION = re.compile(r"#.* noqa: S\d+(?P<reason>.*)")
SECRET = re.compile(
    rb"AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY|ghp_\w{30}|xox[bp]-[\w-]{10}|eyJ\w{20,}\.eyJ"
)


def test_the_rules_hold_in_everything_that_is_installed() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]

    assert "S" in lint["select"]
    assert [place for place, rules in lint["per-file-ignores"].items() if "src" in place] == []
    assert {rule for rule in lint["ignore"] if rule.startswith("S")} == {"S603", "S607"}


def test_every_exception_says_why_beside_it_or_above() -> None:
    silent = []
    for file in modules("src"):
        lines = (ROOT / file).read_text().splitlines()
        for before, line in zip(["", *lines], lines, strict=False):
            found = EXCEPTION.search(line)
            if found and not found["reason"].strip() and not before.strip().startswith("#"):
                silent.append(f"{file}: {line.strip()}")

    assert silent == []


def test_no_file_holds_what_looks_like_a_secret() -> None:
    assert [str(file) for file in tracked() if SECRET.search((ROOT / file).read_bytes())] == []
