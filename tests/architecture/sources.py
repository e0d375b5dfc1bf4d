"""The project's own files, as the architecture tests look at them."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

__all__ = ["ROOT", "functions", "modules", "parsed", "tracked"]

ROOT = Path(__file__).parents[2]
CODE = ("src", "tests", "benchmarks", "examples", "tools")


@cache
def tracked() -> tuple[Path, ...]:
    """Give every file that git holds or would take, relative to the root."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return tuple(Path(line) for line in listed.splitlines() if (ROOT / line).is_file())


def modules(*tops: str) -> list[Path]:
    """Give the Python files under the given folders (all code if none), without migrations."""
    wanted = tops or CODE
    return [
        file
        for file in tracked()
        if file.suffix == ".py"
        and any(file.is_relative_to(top) for top in wanted)
        and "migrations" not in file.parts
    ]


@cache
def parsed(file: Path) -> ast.Module:
    """Parse a file of the project."""
    return ast.parse((ROOT / file).read_text(encoding="utf-8"))


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Give every function of a file, nested ones too."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node
