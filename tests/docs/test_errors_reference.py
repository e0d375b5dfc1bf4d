"""The reference of errors names every code that a caller can meet, with its status."""

import ast
import re
from pathlib import Path

from tests.architecture.sources import modules, parsed
from tests.docs.test_jobs_reference import rows
from waybill import errors
from waybill.api import problems

# Never told to a caller: raised at start-up, caught by the engine, or only there to be built upon.
INTERNAL = {
    errors.WaybillError,
    errors.DeclarationError,
    errors.SettingsError,
    errors.RequestRefused,
    errors.RunFailed,
    errors.RunStopped,
    errors.LostRace,
    errors.Fenced,
    errors.ReceiptUnreadable,
}


def kinds(base=errors.WaybillError):
    """Give an error and everything built upon it."""
    yield base
    for kind in base.__subclasses__():
        if kind.__module__ == errors.__name__:
            yield from kinds(kind)


def status_of(kind):
    if kind.retryable:
        return "503"
    return str(next(status for base, status in problems.STATUSES.items() if issubclass(kind, base)))


def codes_of_the_api():
    """Read the codes that the API's own handlers answer with, off their calls."""
    tree = parsed(Path("src/waybill/api/problems.py"))
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "problem":
            status, code = node.args[:2]
            if isinstance(status, ast.Constant) and isinstance(code, ast.Constant):
                found[code.value] = str(status.value)
    return found


def test_every_code_stands_in_the_reference_with_its_status_and_no_other():
    told = {row[0].strip("`"): row[1] for row in rows("errors.md", 3)}
    own = codes_of_the_api()
    assert set(own) == {
        "invalid_request", "not_authenticated", "not_found", "method_not_allowed", "too_large",
        "range_not_satisfiable", "error",
    }  # fmt: skip
    met = {kind.code: status_of(kind) for kind in kinds() if kind not in INTERNAL}
    assert told == met | own


def test_nobody_raises_what_only_others_are_built_upon():
    bases = {"WaybillError", "RequestRefused", "RunFailed"}
    raised = {
        f"{file}:{node.lineno}"
        for file in modules("src/waybill")
        if "management" not in file.parts
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") in bases
    }
    assert raised == set()


def test_no_two_errors_share_a_code():
    codes = [kind.code for kind in kinds()]
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch("[a-z_]{3,40}", code) for code in codes)
