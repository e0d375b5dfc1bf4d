"""Files and functions stay small enough to be read in one go."""

import ast
from collections import defaultdict
from pathlib import Path

from tests.architecture.sources import ROOT, functions, modules

FILE_LINES = 400
FUNCTION_LINES = 50
SAME_LINES = 6


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    return node.body[1:] if ast.get_docstring(node) else node.body


def test_no_file_is_longer_than_400_lines() -> None:
    lengths = {file: len((ROOT / file).read_text().splitlines()) for file in modules()}

    assert {str(file): n for file, n in lengths.items() if n > FILE_LINES} == {}


def test_no_function_is_longer_than_50_lines() -> None:
    lengths = {
        f"{file}:{node.lineno} {node.name}": _lines(node)
        for file in modules()
        for node in functions(file)
    }

    assert {place: n for place, n in lengths.items() if n > FUNCTION_LINES} == {}


def test_no_function_of_some_length_is_written_twice() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for file in modules("src"):
        for node in functions(file):
            body = _body(node)
            if body and (body[-1].end_lineno or 0) - body[0].lineno + 1 >= SAME_LINES:
                places[ast.dump(ast.Module(body, []))].append(f"{file}:{node.lineno} {node.name}")

    assert [same for same in places.values() if len(same) > 1] == []


def test_every_folder_of_tests_says_what_kind_they_are() -> None:
    kinds = {Path(file).parts[1] for file in modules("tests") if file.name.startswith("test_")}

    assert kinds <= {
        "acceptance",
        "architecture",
        "browser",
        "contracts",
        "docs",
        "integration",
        "unit",
    }
