"""The reference names what the engine has, no less and no more."""

import re
from dataclasses import fields
from pathlib import Path

from waybill import conf, errors
from waybill.states import MOVES

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"


def rows(page, cells):
    """Give the cells of each row of that many columns, without the marks of code."""
    text = (REFERENCE / page).read_text()
    found = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in row] for row in found if len(row) == cells]


def test_every_setting_stands_in_the_reference_and_no_other():
    named = {name for row in rows("settings.md", 3) for name in re.findall(r"`(\w+)`", row[0])}
    assert named == {field.name for field in fields(conf.Settings)}


def test_the_moves_stand_in_the_reference_as_they_are():
    told = {
        row[0].strip("`"): (set(row[1].split(", ")), row[2], row[3].strip("`"))
        for row in rows("jobs.md", 4)
    }
    assert told == {
        name: ({str(one) for one in move.sources}, str(move.target), str(move.event))
        for name, move in MOVES.items()
    }


def test_the_codes_of_failed_runs_stand_in_the_reference_as_they_are():
    told = {row[0].strip("`"): row[2] == "yes" for row in rows("jobs.md", 3)}
    internal = {errors.RunFailed, errors.RunStopped}
    kinds = [kind for kind in errors.RunFailed.__subclasses__() if kind not in internal]
    assert told == {kind.code: kind.retryable for kind in kinds}
